import { type KeyboardEvent, type SubmitEvent, useState } from 'react'
import { LONGEST_MESSAGE } from '../../src/wire.ts'
import { Icon } from './icons.tsx'

interface Props {
  busy: boolean
  /** False when it was not taken: then the text comes back. */
  onSend: (text: string) => Promise<boolean>
  onStop: () => void
}

/** Where people write. Enter sends, Shift and Enter begin a new line. */
export function Composer({ busy, onSend, onStop }: Props) {
  const [text, setText] = useState('')

  function send(): void {
    if (busy || text.trim() === '') return
    setText('')
    void onSend(text.trim()).then((isTaken) => isTaken || setText((typed) => typed || text))
  }

  function onSubmit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault()
    send()
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // An Enter that ends the composition of a letter (IME) is not meant for us.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  return (
    <>
      {text.length === LONGEST_MESSAGE && (
        <p className="aside" role="status">
          A message has at most {LONGEST_MESSAGE} characters; more does not fit in.
        </p>
      )}
      <form className="composer" onSubmit={onSubmit}>
        <label className="unseen" htmlFor="message">
          Message to Vet Assist AI
        </label>
        <textarea
          id="message"
          rows={1}
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
