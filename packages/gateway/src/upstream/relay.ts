import type { ServerResponse } from 'node:http'
import { errors, type Dispatcher } from 'undici'
import { textFilterFor, type Admission, type TextFilter } from '@permitry/guard/adapter'
import { fail, FAILURES, type Failure, type MessageId } from '../http/answers.ts'
import { readAnswer, single, type UpstreamHeaders } from './upstream-answer.ts'

export interface RelayOptions {
  readonly res: ServerResponse
  readonly id: MessageId
  readonly admission: Pick<Admission, 'era' | 'headers' | 'filter' | 'onSession' | 'endsAfter' | 'untilRevoked'>
  readonly method: string
  readonly maxBytes: number
  /** How long a client may take nothing of its answer. */
  readonly stallMs: number
  readonly onRefusedCredential: () => void
  /** Called once, when nothing of the request is left. */
  readonly onDone: () => void
  readonly onError: (error: Error) => void
}

/** A stop of our own making, with what the client is told if it was told nothing yet. */
class Stop extends Error {
  readonly failure: Failure | undefined
  constructor(message: string, failure?: Failure) {
    super(message)
    this.failure = failure
  }
}

/**
 * Carries the answer of the MCP server to the client chunk by chunk, as fast as the client takes it. An answer that breaks
 * off breaks off for the client too: half of one never looks like a whole.
 */
export function createRelay(options: RelayOptions): Dispatcher.DispatchHandler {
  const { res, id, admission, method, maxBytes, stallMs, onRefusedCredential, onDone, onError } = options
  const asked = { method, isLegacy: admission.era === 'legacy' }
  /** Before 2026-07-28 a client that goes away has not cancelled what it asked for; a stream of a GET is only listening. */
  const outlivesClient = asked.isLegacy && method === 'POST'
  let controller: Dispatcher.DispatchController | undefined
  let filter: TextFilter | undefined
  let decoder: TextDecoder | undefined
  let kind: 'json' | 'stream' | 'empty' = 'empty'
  let head: { readonly status: number; readonly headers: Record<string, string | number> } | undefined
  /** The first part of a JSON answer: mostly it is all, and leaves in one piece with its head. */
  let first: Buffer | undefined
  let expected = Number.NaN
  let size = 0
  let clientIsGone = false
  let timer: NodeJS.Timeout | undefined
  let forget: (() => void) | undefined

  res.once('close', () => {
    if (res.writableFinished) return
    clientIsGone = true
    if (!outlivesClient) controller?.abort(new Stop('the client is gone'))
    else controller?.resume()
  })

  function done(): void {
    clearTimeout(timer)
    forget?.()
    onDone()
  }

  /** In good order: the client asks again, with a token that is good then. */
  function endWithToken(): void {
    res.end()
    controller?.abort(new Stop('the token does not count any more'))
  }

  function sendHead(): void {
    if (head === undefined) return
    res.writeHead(head.status, head.headers)
    head = undefined
  }

  function write(chunk: Buffer | string): void {
    if (clientIsGone || chunk.length === 0) return
    sendHead()
    if (res.write(chunk)) return
    controller?.pause()
    // Whoever takes nothing holds a place that somebody else could have.
    const stalled = setTimeout(() => res.destroy(), stallMs)
    const goOn = () => {
      clearTimeout(stalled)
      res.off('drain', goOn)
      res.off('close', goOn)
      controller?.resume()
    }
    res.once('drain', goOn)
    res.once('close', goOn)
  }

  function end(last: Buffer | string | undefined): void {
    if (clientIsGone) return
    if (head !== undefined && last !== undefined) head.headers['content-length'] = Buffer.byteLength(last)
    sendHead()
    res.end(last)
  }

  return {
    onRequestStart(started) {
      controller = started
      if (clientIsGone && !outlivesClient) started.abort(new Stop('the client is gone'))
    },

    onResponseStart(_controller, status, headers: UpstreamHeaders) {
      // 1xx says that the answer is still to come.
      if (status < 200) return
      const answer = readAnswer(status, headers, asked)
      if (answer.kind === 'failure') {
        if (answer.refusedCredential) onRefusedCredential()
        throw new Stop(`the MCP server answered ${status}`, answer.failure)
      }
      kind = answer.kind
      expected = Number(single(headers, 'content-length') ?? Number.NaN)
      if (kind === 'json' && expected > maxBytes) throw new Stop('the answer is too large', FAILURES.too_large)
      const sessionId = answer.headers['mcp-session-id']
      if (sessionId !== undefined) admission.onSession?.(sessionId)
      head = { status: answer.status, headers: { ...answer.headers, ...admission.headers } }
      if (admission.filter && kind !== 'empty') {
        filter = textFilterFor(
          answer.headers['content-type'] ?? null,
          single(headers, 'content-encoding') ?? null,
          admission.filter,
        )
        decoder = new TextDecoder()
      } else if (single(headers, 'content-encoding') !== undefined) {
        throw new Stop('the answer is compressed, which was not asked for', FAILURES.unusable)
      }
      if (kind !== 'stream') return
      sendHead()
      res.flushHeaders()
      if (admission.endsAfter !== undefined) timer = setTimeout(endWithToken, admission.endsAfter).unref()
      forget = admission.untilRevoked?.(endWithToken)
    },

    onResponseData(_controller, chunk) {
      size += chunk.length
      if (kind === 'empty') return
      if (kind === 'json' && size > maxBytes) throw new Stop('the answer is too large', FAILURES.too_large)
      if (filter && decoder) {
        const text = filter.push(decoder.decode(chunk, { stream: true }))
        // An event that never ends would be kept for ever.
        if (text !== '') size = 0
        if (size > maxBytes) throw new Stop('an event is too large', FAILURES.too_large)
        return write(text)
      }
      if (kind === 'stream') return write(chunk)
      if (first === undefined && head !== undefined) {
        first = chunk
        if (chunk.length === expected) end(first)
        return
      }
      if (first !== undefined && head !== undefined) write(first)
      write(chunk)
    },

    onResponseEnd() {
      if (filter) end(filter.push(decoder?.decode() ?? '') + filter.end() || undefined)
      else if (!res.writableEnded) end(head === undefined ? undefined : first)
      done()
    },

    onResponseError(_controller, error) {
      done()
      if (clientIsGone || res.writableEnded) return
      const failure = error instanceof Stop ? error.failure : failureOf(error)
      if (failure === undefined) return void res.destroy()
      // That this gateway lets go of its connections when it ends is nobody's fault.
      if (failure.status >= 500 && failure !== FAILURES.stopping) onError(error)
      fail(res, failure, id, admission.headers)
    },
  }
}

function failureOf(error: Error): Failure {
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError)
    return FAILURES.stopping
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) return FAILURES.slow
  if (error instanceof errors.ConnectTimeoutError) return FAILURES.unreachable
  const isConnecting = 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')
  return isConnecting ? FAILURES.unreachable : FAILURES.unusable
}
