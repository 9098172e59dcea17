import { useEffect, useRef, useState } from 'react'
import type { Item } from '../../src/wire.ts'
import { statusOf } from './status.ts'

/**
 * Tells screen readers what is new, in whole sentences: an answer when it is complete and not letter by letter, and each card
 * when it changes.
 */
export function Announcer({ items, busy }: { items: readonly Item[]; busy: boolean }) {
  const told = useRef<ReadonlyMap<string, string> | undefined>(undefined)
  const [news, setNews] = useState('')

  useEffect(() => {
    const now = new Map(items.flatMap((item) => sentenceOf(item).map((sentence) => [item.id, sentence] as const)))
    const before = told.current
    told.current = now
    // What was there when the page came up is read where it stands.
    if (before === undefined) return
    const fresh = [...now].filter(([id, sentence]) => before.get(id) !== sentence).map(([, sentence]) => sentence)
    if (fresh.length > 0) setNews(fresh.join(' '))
  }, [items])

  return (
    <div className="unseen" role="status">
      <p>{news}</p>
      <p>{busy ? 'Vet Assist AI is working.' : ''}</p>
    </div>
  )
}

function sentenceOf(item: Item): string[] {
  switch (item.kind) {
    case 'person':
      return []
    case 'assistant':
      return item.done ? [`Vet Assist AI says: ${item.text.replaceAll(/[*`#]+/g, '')}`] : []
    case 'tool':
      return item.state === 'ready' || item.state === 'running' ? [] : [`${item.title}: ${statusOf(item).label}.`]
    case 'access':
      return item.state === 'offered' ? ['Vet Assist AI needs your permission. A card asks for it.'] : []
    case 'notice':
      return [item.text]
  }
}
