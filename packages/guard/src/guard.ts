import { createAdmit, type Admission, type Verdict } from './admit.ts'
import type { GuardOptions } from './options.ts'
import { readOptions } from './settings.ts'
import { textFilterFor, type TextFilter } from './text-filter.ts'
import type { AuthInfo, Incoming } from './types.ts'

/** What an MCP handler takes beside the request: both SDKs, and both eras, have it. */
export interface HandlerOptions {
  readonly authInfo: AuthInfo
  readonly parsedBody?: unknown
}

/** An MCP handler in web-standard form: what `createMcpHandler` returns, or its `fetch`, or one of your own. */
export type McpHandler =
  | ((request: Request, options: HandlerOptions) => Promise<Response>)
  | { readonly fetch: (request: Request, options: HandlerOptions) => Promise<Response> }

/** Puts the guard in front of an MCP handler. */
export interface Protect {
  (handler: McpHandler): (request: Request) => Promise<Response>
  /** What adapters ask for each request. */
  readonly admit: (request: Incoming) => Promise<Verdict>
}

/**
 * Makes a guard for one MCP server: it serves the protected resource metadata (RFC 9728), verifies access tokens
 * (RFC 9068), decides each call by the rules of `options`, and lets through what they allow. What no rule names is
 * refused. Throws a TypeError with every fault of the options.
 */
export function guard(options: GuardOptions): Protect {
  const admit = createAdmit(readOptions(options))
  const protect = (handler: McpHandler) => {
    const handle = typeof handler === 'function' ? handler : handler?.fetch
    if (typeof handle !== 'function') {
      throw new TypeError(
        'protect needs an MCP handler: a function, or an object with `fetch`, as createMcpHandler returns',
      )
    }
    return async (request: Request): Promise<Response> => {
      const verdict = await admit(request)
      if (!verdict.ok) return verdict.error
      const { authInfo, body } = verdict.value
      const response = await handle(withhold(request, verdict.value), {
        authInfo,
        ...(body !== undefined && { parsedBody: body }),
      })
      return finish(response, verdict.value)
    }
  }
  return Object.assign(protect, { admit })
}

/** The request without what the handler must not see. In place where the runtime allows it: a copy costs more than the check. */
function withhold(request: Request, { withheld }: Admission): Request {
  try {
    for (const name of withheld) request.headers.delete(name)
    return request
  } catch {
    const headers = new Headers(request.headers)
    for (const name of withheld) headers.delete(name)
    return new Request(request.url, { method: request.method, headers, signal: request.signal })
  }
}

function finish(response: Response, { headers, filter, onSession, endsAfter }: Admission): Response {
  const sessionId = response.headers.get('mcp-session-id')
  if (sessionId !== null) onSession?.(sessionId)
  const added = Object.entries(headers)
  if (filter === undefined && endsAfter === undefined && added.length === 0) return response
  const copy = new Headers(response.headers)
  for (const [name, value] of added) copy.set(name, value)
  let { body } = response
  if (body !== null && endsAfter !== undefined) body = endAfter(body, endsAfter)
  if (body !== null && filter !== undefined) {
    const text = textFilterFor(copy.get('content-type'), copy.get('content-encoding'), filter)
    body = body.pipeThrough(toStream(text))
    copy.delete('content-length')
  }
  return new Response(body, { status: response.status, statusText: response.statusText, headers: copy })
}

/** Ends a stream in good order when its time is over: the client asks again, with a token that is good then. */
function endAfter(body: ReadableStream<Uint8Array>, milliseconds: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), milliseconds)
  // Where timers keep a process running, this one should not.
  if (typeof timer === 'object') timer.unref()
  body
    .pipeTo(writable, { signal: over.signal, preventAbort: true })
    .catch((error: unknown) => (over.signal.aborted ? writable.close() : writable.abort(error)))
    // The reader may be gone as well, and then there is nobody to tell.
    .catch(() => {})
    .finally(() => clearTimeout(timer))
  return readable
}

function toStream(filter: TextFilter): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  return new TransformStream({
    transform(chunk, controller) {
      const text = filter.push(decoder.decode(chunk, { stream: true }))
      if (text !== '') controller.enqueue(encoder.encode(text))
    },
    flush(controller) {
      const text = filter.push(decoder.decode()) + filter.end()
      if (text !== '') controller.enqueue(encoder.encode(text))
    },
  })
}
