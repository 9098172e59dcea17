import { useEffect, useRef } from 'react'
import type { Item, State } from '../../src/wire.ts'
import { AccessCard } from './access-card.tsx'
import { ConfirmCard } from './confirm-card.tsx'
import { Markdown } from './markdown.tsx'
import { Notice } from './notice.tsx'
import { ToolCard } from './tool-card.tsx'

/** Everything that was said and done, in order. */
export function Conversation({ state }: { state: State }) {
  const end = useRef<HTMLLIElement>(null)
  useStayAtEnd(end, state.items)
  const isThinking = state.busy && !isAnswering(state.items.at(-1))
  return (
    <section>
      <h1 className="unseen">Conversation with Vet Assist AI</h1>
      <ol className="items" aria-label="Conversation">
        {state.items.map((item, index) => (
          <li key={item.id} className={`item ${item.kind}`}>
            <ItemView item={item} isLast={index === state.items.length - 1} />
          </li>
        ))}
        <li ref={end} className="end" aria-hidden="true">
          {isThinking && <Thinking />}
        </li>
      </ol>
    </section>
  )
}

function ItemView({ item, isLast }: { item: Item; isLast: boolean }) {
  switch (item.kind) {
    case 'person':
      return (
        <div className="bubble">
          <span className="unseen">You: </span>
          {item.text}
        </div>
      )
    case 'assistant':
      return (
        <div className="answer" data-growing={!item.done}>
          <span className="unseen">Vet Assist AI: </span>
          <Markdown text={item.text} />
          {item.broken && <p className="aside">This answer broke off.</p>}
        </div>
      )
    case 'tool':
      return item.state === 'asks' ? <ConfirmCard item={item} /> : <ToolCard item={item} />
    case 'access':
      return <AccessCard item={item} isLast={isLast} />
    case 'notice':
      return <Notice item={item} />
  }
}

function isAnswering(item: Item | undefined): boolean {
  return item?.kind === 'assistant' && !item.done
}

function Thinking() {
  return (
    <div className="thinking">
      <span />
      <span />
      <span />
    </div>
  )
}

/** Follows the conversation as it grows, unless the person has scrolled up to read. */
function useStayAtEnd(end: React.RefObject<HTMLElement | null>, items: readonly Item[]): void {
  const isAtEnd = useRef(true)
  useEffect(() => {
    const onScroll = (): void => {
      const { scrollHeight, scrollTop, clientHeight } = document.documentElement
      isAtEnd.current = scrollHeight - scrollTop - clientHeight < 160
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    return () => window.removeEventListener('scroll', onScroll)
  }, [])
  const last = items.at(-1)
  useEffect(() => {
    if (isAtEnd.current || last?.kind === 'person') end.current?.scrollIntoView({ block: 'end' })
  }, [end, items, last])
}
