import { type KeyboardEvent, type SubmitEvent, useState } from 'react'
import { LONGEST_MESSAGE } from '../../src/wire.ts'
import { Icon } from './icons.tsx'

interface Props {
  busy: boolean
  /** The text stays until it is taken, and goes only then. */
  onSend: (text: string) => Promise<boolean>
  onStop: () => void
}

/** Where people write. Enter sends, Shift and Enter begin a new line. */
export function Composer({ busy, onSend, onStop }: Props) {
  const [text, setText] = useState('')
  const [isSending, setSending] = useState(false)

  async function send(): Promise<void> {
    if (busy || isSending || text.trim() === '') return
    setSending(true)
    if (await onSend(text.trim()).finally(() => setSending(false))) setText('')
  }

  function onSubmit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault()
    void send()
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // An Enter that ends the composition of a letter (IME) is not meant for us.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }

  return (
    <>
      {text.length === LONGEST_MESSAGE && (
        <p className="aside" role="status">
          A message has at most {LONGEST_MESSAGE} characters; more does not fit in.
        </p>
      )}
      <form className="composer" aria-busy={isSending} onSubmit={onSubmit}>
        <label className="unseen" htmlFor="message">
          Message to Vet Assist AI
        </label>
        <textarea
          id="message"
          rows={1}
          readOnly={isSending}
          maxLength={LONGEST_MESSAGE}
          placeholder="Ask about your pets"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {busy ? (
          <button type="button" className="round" onClick={onStop} aria-label="Stop">
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" className="round solid" aria-label="Send" aria-disabled={text.trim() === ''}>
            <Icon name="send" />
          </button>
        )}
      </form>
    </>
  )
}
