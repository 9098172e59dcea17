// A request of node:http as the guard reads it, without converting.
import type { IncomingMessage } from 'node:http'
import { readBounded } from '../body.ts'
import type { AuthInfo, Incoming } from '../types.ts'

/** A request of Node, with what frameworks and the MCP SDKs add to it. */
export interface GuardedRequest extends IncomingMessage {
  /** Of frameworks that change `url` on the way. */
  originalUrl?: string
  /** Set by the guard: the parsed message, to be passed on as in `transport.handleRequest(req, res, req.body)`. */
  body?: unknown
  /** Set by the guard: what the MCP SDKs hand to tools as `authInfo`. */
  auth?: AuthInfo
}

export function incomingOf(req: GuardedRequest): Incoming {
  return {
    method: req.method ?? 'GET',
    url: targetOf(req),
    headers: { get: (name) => headerOf(req, name) },
    body: req,
    text: async () => (await readBounded(req, Number.POSITIVE_INFINITY)) ?? '',
  }
}

/** The URL of a request. Its host is of no account, and must not be taken from a path such as `//host/`. */
export function targetOf({ originalUrl, url }: GuardedRequest): string {
  const target = originalUrl ?? url ?? '/'
  return target.startsWith('/') ? `http://localhost${target}` : 'http://localhost/'
}

function headerOf({ headers, rawHeaders }: IncomingMessage, name: string): string | null {
  // Node keeps the first of two `Authorization` headers and drops the other; what is joined here is refused later.
  if (name === 'authorization') {
    const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
    return values.length === 0 ? null : values.join(', ')
  }
  const value = headers[name]
  return value === undefined ? null : String(value)
}

/** Takes headers out of every form in which Node shows them: the MCP SDK, for one, reads `rawHeaders`. */
export function withhold(req: IncomingMessage, names: readonly string[]): void {
  // Both are computed from `rawHeaders` when they are first asked for, so they come before it.
  const { headers, headersDistinct, rawHeaders } = req
  for (const name of names) {
    delete headers[name]
    delete headersDistinct[name]
  }
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2) {
    if (names.includes(rawHeaders[index]?.toLowerCase() ?? '')) rawHeaders.splice(index, 2)
  }
}
