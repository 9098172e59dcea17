import { useEffect, useRef, useState } from 'react'
import type { JournalEntry } from '../../src/wire.ts'
import { fetchMessages } from '../api.ts'
import { Icon } from './icons.tsx'
import { inline } from './markdown.tsx'

/** For the curious: every OAuth and MCP message of this conversation, with one sentence about it. */
export function Drawer({ count, onClose }: { count: number; onClose: () => void }) {
  const entries = useMessages(count)
  const dialog = useDialog(onClose)
  return (
    <dialog ref={dialog} className="drawer" aria-labelledby="drawer-title" onClose={onClose}>
      <div className="drawer-head">
        <h2 id="drawer-title">Behind the scenes</h2>
        <button type="button" className="round" aria-label="Close" onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      <p className="aside">
        Every message between this app, the clinic’s authorization server and the clinic’s MCP server. Secrets are
        hidden; they never reach this browser.
      </p>
      {entries.length === 0 ? (
        <p className="aside">Nothing yet. Ask something.</p>
      ) : (
        <ol className="messages">
          {entries.map((entry, index) => (
            <li key={`${entry.at}-${index}`}>
              <Message entry={entry} />
            </li>
          ))}
        </ol>
      )}
    </dialog>
  )
}

function Message({ entry }: { entry: JournalEntry }) {
  const { kind, direction, summary, explanation, section } = entry
  return (
    <article className={`message ${kind} ${direction}`}>
      <p className="message-head">
        <Icon name={direction} />
        <span className="unseen">{direction === 'out' ? 'Sent: ' : 'Received: '}</span>
        <span className="tag">{kind === 'oauth' ? 'OAuth' : 'MCP'}</span>
        <code>{summary}</code>
      </p>
      <p className="explanation">
        {inline(explanation)}{' '}
        <a href={section.url} target="_blank" rel="noreferrer">
          {section.label}
        </a>
      </p>
      <details>
        <summary>Show the message</summary>
        <pre tabIndex={0}>{fullText(entry)}</pre>
      </details>
    </article>
  )
}

function fullText({ request, headers, body }: JournalEntry): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [request, ...lines, ...(body === null ? [] : ['', body])].join('\n')
}

function useMessages(count: number): JournalEntry[] {
  const [entries, setEntries] = useState<JournalEntry[]>([])
  useEffect(() => {
    let isOld = false
    void fetchMessages().then((messages) => isOld || setEntries(messages))
    return () => {
      isOld = true
    }
  }, [count])
  return entries
}

/** Beside the conversation where there is room for both, over it where there is not. */
function useDialog(onClose: () => void): React.RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    if (window.matchMedia('(min-width: 64rem)').matches) dialog.current?.show()
    else dialog.current?.showModal()
    // Back to where it was opened: a dialog that is taken away does not see to that itself.
    return () => {
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onClose()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onClose])
  return dialog
}
