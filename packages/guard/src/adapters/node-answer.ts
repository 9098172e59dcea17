// An answer of node:http on its way to the client.
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Admission } from '../admit.ts'
import { isEventStream } from '../end-stream.ts'
import { textFilterFor, type TextFilter } from '../text-filter.ts'

type Head = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined

/** Watches an answer for the session that it opens, filters it where it shows what there is, and ends it with the token. */
export function observe(res: ServerResponse, { filter, onSession, endsAfter, untilRevoked }: Admission): void {
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
  const end = res.end.bind(res)
  const done = (...rest: unknown[]): void => {
    const callback = rest.map(asCallback).find((one) => one !== undefined)
    if (callback !== undefined) queueMicrotask(callback)
  }
  res.write = (...rest: unknown[]): boolean => (done(...rest), true)
  res.end = (...rest: unknown[]): ServerResponse => (done(...rest), res)
  end()
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
