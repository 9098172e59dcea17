// The guard as middleware for Express and node:http, where MCP servers on `@modelcontextprotocol/sdk` live. Requests and
// answers stay Node's own: nothing is converted on the way.
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Admission } from './admit.ts'
import { readBounded } from './body.ts'
import { isEventStream } from './end-stream.ts'
import type { Protect } from './guard.ts'
import { textFilterFor, type TextFilter } from './text-filter.ts'
import type { AuthInfo, Incoming } from './types.ts'

/** A request of Node, with what Express and the MCP SDK add to it. */
export interface GuardedRequest extends IncomingMessage {
  originalUrl?: string
  /** Set by the guard: the parsed message, to be passed to `transport.handleRequest(req, res, req.body)`. */
  body?: unknown
  /** Set by the guard: what the MCP SDK hands to tools as `extra.authInfo`. */
  auth?: AuthInfo
}

/** Middleware of Express; with `node:http` call it with a function that goes on. */
export type GuardMiddleware = (req: GuardedRequest, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Turns a guard into middleware: `app.use(guardMiddleware(guard({ … })))`. It serves the metadata, refuses what is not
 * allowed, and otherwise sets `req.auth` and `req.body`. Mount it at the root, since the metadata lives there, and before
 * any body parser, since only whoever parses the bytes can see a key that is there twice.
 */
export function guardMiddleware(protect: Protect): GuardMiddleware {
  return (req, res, next) => {
    handle(protect, req, res).then((admitted) => {
      if (admitted) next()
    }, next)
  }
}

async function handle(protect: Protect, req: GuardedRequest, res: ServerResponse): Promise<boolean> {
  if (req.body !== undefined) throw new TypeError('mount the guard before body parsers such as express.json()')
  const verdict = await protect.admit(incomingOf(req))
  if (!verdict.ok) {
    const { status, headers } = verdict.error
    res.writeHead(status, Object.fromEntries(headers)).end(await verdict.error.text())
    return false
  }
  const { authInfo, body, withheld, headers } = verdict.value
  req.auth = authInfo
  req.body = body
  withhold(req, withheld)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  observe(res, verdict.value)
  return true
}

function incomingOf(req: GuardedRequest): Incoming {
  const target = req.originalUrl ?? req.url ?? '/'
  return {
    method: req.method ?? 'GET',
    // The host is of no account, and must not be taken from a path such as `//host/`.
    url: target.startsWith('/') ? `http://localhost${target}` : 'http://localhost/',
    headers: { get: (name) => headerOf(req, name) },
    body: req,
    text: async () => (await readBounded(req, Number.POSITIVE_INFINITY)) ?? '',
  }
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

/** Out of every form in which Node shows headers: the MCP SDK, for one, reads `rawHeaders`. */
function withhold(req: IncomingMessage, names: readonly string[]): void {
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

type Head = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined

/** Watches an answer for the session that it opens, filters it where it shows what there is, and ends it with the token. */
function observe(res: ServerResponse, { filter, onSession, endsAfter, untilRevoked }: Admission): void {
  let isRevoked = false
  if (endsAfter !== undefined) {
    const timer = setTimeout(() => cutOff(res), endsAfter).unref()
    res.on('close', () => clearTimeout(timer))
  }
  if (untilRevoked !== undefined) {
    const forget = untilRevoked(() => {
      isRevoked = true
      // Before its head is there nobody knows whether an answer goes on.
      if (endsAfter !== undefined || isEventStream(headText(res, 'content-type'))) cutOff(res)
    })
    res.on('close', forget)
  }
  if (filter === undefined && onSession === undefined && untilRevoked === undefined) return
  const original = { writeHead: res.writeHead.bind(res), write: res.write.bind(res), end: res.end.bind(res) }
  const decoder = new TextDecoder()
  let text: TextFilter | undefined

  res.writeHead = (status: number, messageOrHead?: string | Head, maybeHead?: Head): ServerResponse => {
    const head = typeof messageOrHead === 'string' ? maybeHead : messageOrHead
    for (const [name, value] of entriesOf(head)) res.setHeader(name, value)
    const sessionId = res.getHeader('mcp-session-id')
    if (sessionId !== undefined) onSession?.(String(sessionId))
    if (filter !== undefined) {
      text = textFilterFor(headText(res, 'content-type'), headText(res, 'content-encoding'), filter)
      res.removeHeader('content-length')
    }
    if (typeof messageOrHead === 'string') original.writeHead(status, messageOrHead)
    else original.writeHead(status)
    if (isRevoked && isEventStream(headText(res, 'content-type'))) cutOff(res)
    return res
  }
  if (filter === undefined) return

  function filtered(chunk: unknown, isLast = false): string {
    try {
      if (!res.headersSent) res.writeHead(res.statusCode)
      const part = typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true })
      return (text?.push(part) ?? '') + (isLast ? (text?.end() ?? '') : '')
    } catch (error) {
      // What cannot be filtered is not shown: the answer breaks off.
      res.destroy(error instanceof Error ? error : undefined)
      return ''
    }
  }
  res.write = (chunk: unknown, encodingOrDone?: unknown, done?: unknown): boolean => {
    const part = filtered(chunk)
    const callback = asCallback(encodingOrDone) ?? asCallback(done)
    // An empty write would wait for its callback for ever in some versions of Node.
    if (part !== '') return original.write(part, callback)
    if (callback !== undefined) queueMicrotask(callback)
    return true
  }
  res.end = (chunkOrDone?: unknown, encodingOrDone?: unknown, done?: unknown): ServerResponse => {
    const hasChunk = chunkOrDone !== undefined && chunkOrDone !== null && typeof chunkOrDone !== 'function'
    const part = filtered(hasChunk ? chunkOrDone : '', true)
    const callback = asCallback(chunkOrDone) ?? asCallback(encodingOrDone) ?? asCallback(done)
    return original.end(part, callback)
  }
}

/** Ends an answer under a handler that knows nothing of it: what it still writes must not fail, which would end the process. */
function cutOff(res: ServerResponse): void {
  if (res.writableEnded) return
  res.end()
  const done = (...rest: unknown[]): void => {
    const callback = rest.map(asCallback).find((one) => one !== undefined)
    if (callback !== undefined) queueMicrotask(callback)
  }
  res.write = (...rest: unknown[]): boolean => (done(...rest), true)
  res.end = (...rest: unknown[]): ServerResponse => (done(...rest), res)
}

function* entriesOf(head: Head): Generator<[string, string | number | readonly string[]]> {
  if (Array.isArray(head)) {
    for (let index = 0; index < head.length; index += 2) yield [String(head[index]), head[index + 1] ?? '']
  } else {
    for (const [name, value] of Object.entries(head ?? {})) if (value !== undefined) yield [name, value]
  }
}

function headText(res: ServerResponse, name: string): string | null {
  const value = res.getHeader(name)
  return value === undefined ? null : String(value)
}

function asCallback(value: unknown): (() => void) | undefined {
  return typeof value === 'function' ? (value as () => void) : undefined
}
