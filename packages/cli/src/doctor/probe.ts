import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { getCACertificates, TLSSocket } from 'node:tls'

/** An answer as it came: redirects are not followed, since a redirect is a finding. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** When the certificate ends, in milliseconds since the epoch; undefined without TLS. */
  readonly certificateEndsAt: number | undefined
  /** Between these two moments, by the clock of this machine, the answer was written. */
  readonly sentAt: number
  readonly receivedAt: number
}

/** Why there was no answer: the code of Node or OpenSSL, and its words. */
export interface NoAnswer {
  readonly code: string
  readonly detail: string
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Probe = (url: string, question?: Question) => Promise<Answer | NoAnswer>

const MAX_BYTES = 1_048_576
const TIMEOUT_MS = 5_000

/**
 * Asks an address that an operator named at a terminal, or one that was found there and checked. A connection of its own for
 * each question, so that its certificate is seen.
 */
export function createProbe(extraCaCertificates: readonly string[], now: () => number = Date.now): Probe {
  const ca = extraCaCertificates.length === 0 ? undefined : [...getCACertificates('default'), ...extraCaCertificates]
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve) => {
      const sentAt = now()
      const isSecure = url.startsWith('https:')
      const noAnswer = (error: unknown) => resolve(toNoAnswer(error))
      const options = { method, headers: { 'user-agent': 'permitry-doctor', ...headers }, agent: false as const }
      const request = (isSecure ? requestSecure : requestPlain)(
        url,
        { ...options, signal: AbortSignal.timeout(TIMEOUT_MS), ...(ca === undefined ? {} : { ca }) },
        (response) => {
          const { socket } = response
          const certificateEndsAt =
            socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : undefined
          readText(response).then((text) => {
            resolve({
              status: response.statusCode ?? 0,
              headers: toHeaders(response),
              body: text,
              certificateEndsAt,
              sentAt,
              receivedAt: now(),
            })
            request.destroy()
          }, noAnswer)
        },
      )
      request.on('error', noAnswer)
      request.end(body)
    })
}

export function isAnswer(probed: Answer | NoAnswer): probed is Answer {
  return 'status' in probed
}

/** Reads what there is at once: an event stream would never end. */
async function readText(response: IncomingMessage): Promise<string> {
  if (response.headers['content-type']?.startsWith('text/event-stream')) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > MAX_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return headers
}

function toNoAnswer(error: unknown): NoAnswer {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', detail: String(error) }
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return { code: 'TIMEOUT', detail: `no answer within ${TIMEOUT_MS / 1000} seconds` }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN'
  return { code, detail: error.message || code }
}
