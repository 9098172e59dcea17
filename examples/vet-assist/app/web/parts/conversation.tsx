import type { RefObject } from 'react'
import type { Item, State } from '../../src/wire.ts'
import { useStayAtEnd } from '../use-scrolling.ts'
import { AccessCard } from './access-card.tsx'
import { ConfirmCard } from './confirm-card.tsx'
import { Markdown } from './markdown.tsx'
import { Notice } from './notice.tsx'
import { ToolCard } from './tool-card.tsx'

/** Everything that was said and done, in order. */
export function Conversation({ state, foot }: { state: State; foot: RefObject<HTMLElement | null> }) {
  useStayAtEnd(foot, state.items, state.items.at(-1)?.kind === 'person')
  const isThinking = state.busy && !isAnswering(state.items.at(-1))
  return (
    <section>
      <h1 className="unseen">Conversation with Vet Assist AI</h1>
      <ol className="items" aria-label="Conversation">
        {state.items.map((item, index) => (
          // It keeps the focus when the card in it has its answer and goes.
          <li key={item.id} className={`item ${item.kind}`} tabIndex={-1}>
            <ItemView item={item} isLast={index === state.items.length - 1} />
          </li>
        ))}
        {isThinking && (
          <li aria-hidden="true">
            <Thinking />
          </li>
        )}
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
