import type { NoticeItem } from '../../src/wire.ts'
import { actions } from '../api.ts'

/** Something that is not part of the conversation and happened to it. */
export function Notice({ item }: { item: NoticeItem }) {
  return (
    <div className={item.retry ? 'notice trouble' : 'notice'}>
      <p>{item.text}</p>
      {item.retry && (
        <button type="button" className="button" onClick={() => void actions.retry()}>
          Try again
        </button>
      )}
    </div>
  )
}
