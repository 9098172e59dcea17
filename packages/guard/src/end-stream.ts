import type { Admission } from './admit.ts'

/** Whether a content type is the one of server-sent events, whose answers go on. */
export function isEventStream(contentType: string | null): boolean {
  return contentType !== null && /^text\/event-stream\s*(;|$)/i.test(contentType)
}

/**
 * Ends a stream in good order when its token is over, by time or by a revocation: the client asks again, with a token
 * that is good then, or learns that it has none.
 */
export function endWithToken(
  body: ReadableStream<Uint8Array>,
  { endsAfter, untilRevoked }: Pick<Admission, 'endsAfter' | 'untilRevoked'>,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const over = new AbortController()
  const timer = endsAfter === undefined ? undefined : setTimeout(() => over.abort(), endsAfter)
  // Where timers keep a process running, this one should not.
  if (typeof timer === 'object') timer.unref()
  const forget = untilRevoked?.(() => over.abort())
  body
    .pipeTo(writable, { signal: over.signal, preventAbort: true })
    .catch((error: unknown) => (over.signal.aborted ? writable.close() : writable.abort(error)))
    // The reader may be gone as well, and then there is nobody to tell.
    .catch(() => {})
    .finally(() => {
      clearTimeout(timer)
      forget?.()
    })
  return readable
}
