// Code in the docs is quoted from files that run: `<!-- file: path -->` above a fence names the file.
import type { RepositoryFile } from './repository.ts'

const QUOTE = /^[ \t]*<!-- file: (\S+) -->[ \t]*\n+[ \t]*```[^\n]*\n([\s\S]*?)\n[ \t]*```/gm
const MARKER = /<!-- file: /g

export function findStaleSnippets(files: readonly RepositoryFile[]): string[] {
  const textOf = new Map(files.map((file) => [file.path, file.text]))
  return files
    .filter((file) => file.path.endsWith('.md'))
    .flatMap((page) => {
      const quotes = [...page.text.matchAll(QUOTE)]
      const unread = (page.text.match(MARKER) ?? []).length - quotes.length
      const stale = quotes.flatMap(([, path = '', snippet = '']) => {
        const source = textOf.get(path)
        if (source === undefined) return [`${page.path}: quotes \`${path}\`, which does not exist`]
        return containsLines(source, snippet) ? [] : [`${page.path}: no longer what \`${path}\` says`]
      })
      return unread === 0 ? stale : [...stale, `${page.path}: ${unread} file markers without a code block after them`]
    })
}

/** Whether the snippet's lines follow each other in the source, all shifted by the same indentation. */
function containsLines(source: string, snippet: string): boolean {
  const lines = source.split('\n')
  const wanted = snippet.split('\n')
  return lines.some((line, start) => {
    const shift = line.length - (wanted[0] ?? '').length
    if (shift < 0) return false
    const indent = line.slice(0, shift)
    return wanted.every((text, i) => lines[start + i] === (text === '' ? '' : indent + text)) && indent.trim() === ''
  })
}
