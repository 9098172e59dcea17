// The little Markdown that assistants write. Links and images of a model are not followed or loaded: an address is a way to
// carry something out.
import type { ReactNode } from 'react'

type Block = { kind: 'list'; ordered: boolean; lines: string[] } | { kind: 'paragraph'; lines: string[] }

export function Markdown({ text }: { text: string }) {
  return blocksOf(text).map((block, index) => {
    if (block.kind === 'paragraph') return <p key={index}>{withBreaks(block.lines)}</p>
    const List = block.ordered ? 'ol' : 'ul'
    return (
      <List key={index}>
        {block.lines.map((line, item) => (
          <li key={item}>{inline(line)}</li>
        ))}
      </List>
    )
  })
}

const BULLET = /^\s*[-*•]\s+/
const NUMBER = /^\s*\d{1,3}[.)]\s+/

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let isOpen = false
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      isOpen = false
      continue
    }
    const kind = BULLET.test(line) || NUMBER.test(line) ? 'list' : 'paragraph'
    const ordered = NUMBER.test(line)
    const bare = line.replace(kind === 'list' ? (ordered ? NUMBER : BULLET) : /^#{1,6}\s+/, '')
    const last = blocks.at(-1)
    const fits = last?.kind === kind && (last.kind === 'paragraph' || last.ordered === ordered)
    if (last && fits && (isOpen || kind === 'list')) last.lines.push(bare)
    else blocks.push(kind === 'list' ? { kind, ordered, lines: [bare] } : { kind, lines: [bare] })
    isOpen = true
  }
  return blocks
}

function withBreaks(lines: readonly string[]): ReactNode[] {
  return lines.flatMap((line, index) =>
    index === 0 ? [...inline(line)] : [<br key={`br-${index}`} />, ...inline(line)],
  )
}

/** Bold and code inside a line. */
export function inline(line: string): ReactNode[] {
  return line
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part, index) => {
      if (part.startsWith('**') && part.length > 4) return <strong key={`${index}-${part}`}>{part.slice(2, -2)}</strong>
      if (part.startsWith('`') && part.length > 2) return <code key={`${index}-${part}`}>{part.slice(1, -1)}</code>
      return part
    })
}
