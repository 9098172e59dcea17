import { type MouseEvent, useId, useState } from 'react'
import type { ToolItem } from '../../src/wire.ts'
import { actions } from '../api.ts'
import { Fields } from './fields.tsx'
import { keepFocus } from './keep-focus.ts'

/** A call that changes something waits here for a yes. */
export function ConfirmCard({ item }: { item: ToolItem }) {
  const heading = useId()
  const [isSent, setSent] = useState(false)

  function answer({ currentTarget }: MouseEvent, yes: boolean): void {
    keepFocus(currentTarget)
    setSent(true)
    void actions.answerCard(item.id, item.proof ?? '', yes).finally(() => setSent(false))
  }

  return (
    <section className="card ask" aria-labelledby={heading}>
      <h2 id={heading}>{item.title}?</h2>
      {item.caution !== undefined && <p>{item.caution}</p>}
      <Fields fields={item.fields} />
      <div className="buttons">
        <button type="button" className="button solid" disabled={isSent} onClick={(event) => answer(event, true)}>
          Yes, {item.title.charAt(0).toLowerCase() + item.title.slice(1)}
        </button>
        <button type="button" className="button" disabled={isSent} onClick={(event) => answer(event, false)}>
          No
        </button>
      </div>
    </section>
  )
}
