import { readBounded } from '../body.ts'

/** Runs something later; the result calls it off. */
export type Schedule = (run: () => void, milliseconds: number) => () => void

/** Timers of the runtime, which keep no process running. */
export const schedule: Schedule = (run, milliseconds) => {
  const timer = setTimeout(run, milliseconds)
  if (typeof timer === 'object') timer.unref()
  return () => clearTimeout(timer)
}

/** What an answer may cost. */
export interface Limits {
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** An answer whose body, where it has one that counts, is a JSON value. */
export interface Answer {
  readonly status: number
  /** Undefined where the answer is not a success, or is one without a body. */
  readonly value: unknown
}

/**
 * Sends one request and reads its answer to the end, within limits of time and size that count for the whole of it. No
 * redirects: they would take along what a request carries. Throws when there is no such answer.
 */
export async function exchange(
  url: string,
  init: RequestInit,
  { fetch, schedule, timeoutMs, maxBytes }: Limits & { readonly fetch: typeof globalThis.fetch; schedule: Schedule },
): Promise<Answer> {
  const over = new AbortController()
  const callOff = schedule(() => over.abort(new Error(`${url} did not answer in time`)), timeoutMs)
  // Not `AbortSignal.any`: a signal that lives as long as the process would keep something of every request.
  const abort = (): void => over.abort(init.signal?.reason)
  if (init.signal?.aborted) abort()
  init.signal?.addEventListener('abort', abort)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: over.signal })
    if (!response.ok) {
      await response.body?.cancel()
      return { status: response.status, value: undefined }
    }
    const text = await readBounded(response.body, maxBytes)
    if (text === undefined) throw new Error(`the answer of ${url} is too large`)
    return { status: response.status, value: text === '' ? undefined : JSON.parse(text) }
  } finally {
    callOff()
    init.signal?.removeEventListener('abort', abort)
  }
}
