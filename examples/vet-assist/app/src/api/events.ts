import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Conversations } from '../conversation/conversations.ts'
import type { ServerEvent, State } from '../wire.ts'

/** So that nothing on the way takes a quiet stream for a dead one. */
const HEARTBEAT_MS = 20_000

/** Tells a page what happens in a conversation, from its whole state on. Browsers come back by themselves when it ends. */
export function streamEvents(
  c: Context,
  conversations: Pick<Conversations, 'listen'>,
  conversation: string,
  state: () => State,
  closing: AbortSignal,
): Response {
  return streamSSE(c, async (stream) => {
    const ended = Promise.withResolvers<void>()
    const send = (event: ServerEvent): void => {
      // One write after the other: the stream keeps their order. What is written after its end is lost.
      stream.writeSSE({ data: JSON.stringify(event) }).then(
        () => event.type === 'over' && ended.resolve(),
        () => ended.resolve(),
      )
    }
    const stopListening = conversations.listen(conversation, send)
    send({ type: 'state', state: state() })
    const heartbeat = setInterval(
      () => void stream.write(': still here\n\n').catch(() => ended.resolve()),
      HEARTBEAT_MS,
    )
    stream.onAbort(() => ended.resolve())
    closing.addEventListener('abort', () => ended.resolve(), { once: true })
    await ended.promise
    clearInterval(heartbeat)
    stopListening()
  })
}
