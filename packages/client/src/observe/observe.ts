import type { FetchLike } from '@modelcontextprotocol/client'
import { createMasker, type Masker } from './mask.ts'
import type { ObservedMessage } from './message.ts'
import { summaryOf } from './summary.ts'

/** Whose messages they are. */
export type Observed = Pick<ObservedMessage, 'user' | 'server' | 'context'>

/** Tells an observer what goes over the wire for one user and server. */
export interface Observer {
  /** A fetch whose requests and answers are told. */
  watch(kind: ObservedMessage['kind'], send: FetchLike): FetchLike
  /** An address that the browser is sent to, or comes back with. */
  browser(direction: ObservedMessage['direction'], url: string | URL): void
}

const SILENT: Observer = { watch: (_kind, send) => send, browser: () => {} }

export function createObserver(
  who: Observed,
  tell: ((message: ObservedMessage) => void) | undefined,
  now: () => number,
): Observer {
  if (tell === undefined) return SILENT
  const masker = createMasker()
  const report = (message: Omit<ObservedMessage, 'at' | 'summary' | keyof Observed>): void =>
    tell({ at: now(), ...who, ...message, summary: summaryOf(message) })
  return {
    watch: (kind, send) => async (url, init) => {
      const method = init?.method ?? 'GET'
      const line = { kind, method, url: masker.url(url) }
      const body = bodyOf(init?.body)
      report({
        ...line,
        direction: 'out',
        status: undefined,
        headers: masker.headers(new Headers(init?.headers)),
        body: masker[kind](body),
      })
      const response = await send(url, init)
      const { status } = response
      const answer = { ...line, direction: 'in', status, headers: masker.headers(response.headers) } as const
      if (response.body === null) report({ ...answer, body: undefined })
      // Told as it arrives and not waited for; a stream that breaks off is the caller's to notice.
      else void tellBody(response.clone(), kind, masker, (value) => report({ ...answer, body: value })).catch(() => {})
      return response
    },
    browser(direction, url) {
      report({
        kind: 'oauth',
        direction,
        method: 'GET',
        url: masker.url(url),
        status: undefined,
        headers: {},
        body: undefined,
      })
    },
  }
}

function bodyOf(body: unknown): unknown {
  if (body instanceof URLSearchParams) return Object.fromEntries(body)
  return typeof body === 'string' ? parsed(body) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** JSON in one piece, the messages of an event stream one by one. */
async function tellBody(
  response: Response,
  kind: ObservedMessage['kind'],
  masker: Masker,
  tell: (body: unknown) => void,
): Promise<void> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    tell(masker[kind](parsed(await response.text())))
    return
  }
  let pending = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    const events = (pending + chunk).split(/\r?\n\r?\n/)
    pending = events.pop() ?? ''
    for (const event of events) {
      const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'))
      const data = lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')
      if (data !== '') tell(masker[kind](parsed(data)))
    }
  }
}
