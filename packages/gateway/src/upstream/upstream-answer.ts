import { FAILURES, type Failure } from '../http/answers.ts'

/** The head of an answer as undici gives it. */
export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What becomes of an answer of the MCP server. */
export type UpstreamAnswer =
  /** Its body goes on. */
  | { readonly kind: 'json' | 'stream'; readonly status: number; readonly headers: Record<string, string> }
  /** Only its status goes on. */
  | { readonly kind: 'empty'; readonly status: number; readonly headers: Record<string, string> }
  /** Nothing goes on. */
  | { readonly kind: 'failure'; readonly failure: Failure; readonly refusedCredential: boolean }

/** What was asked of the MCP server. */
export interface Asked {
  readonly method: string
  /** A revision before 2026-07-28. */
  readonly isLegacy: boolean
}

/** What MCP uses to tell a client that its request, its session or its revision is not right. */
const CLIENT_ERRORS = new Set([400, 404, 405, 406, 409, 410, 413, 415, 422, 429])

/**
 * Reads the head of an answer. Only what MCP needs comes through: a 401 or 403 of the MCP server is about the credential
 * of this gateway and would send the caller to the wrong place, and so would a redirect; pages are no MCP; cookies,
 * challenges and caching are between the MCP server and us.
 */
export function readAnswer(status: number, headers: UpstreamHeaders, { isLegacy, method }: Asked): UpstreamAnswer {
  const type = single(headers, 'content-type')
  const essence = type?.split(';')[0]?.trim().toLowerCase()
  const carried = carriedHeaders(headers, isLegacy)
  if (status === 200 || CLIENT_ERRORS.has(status)) {
    if (essence === 'application/json' && type !== undefined) {
      return { kind: 'json', status, headers: { ...carried, 'content-type': type } }
    }
    if (essence === 'text/event-stream' && status === 200) {
      return { kind: 'stream', status, headers: { ...carried, 'content-type': essence, 'x-accel-buffering': 'no' } }
    }
    if (status !== 200) {
      const failure = { status, code: -32000, message: 'the MCP server does not take this request' }
      return { kind: 'failure', failure, refusedCredential: false }
    }
    // It ends a session, and what a server says to that is nothing or a courtesy.
    if (method === 'DELETE') return { kind: 'empty', status, headers: carried }
  }
  if (status === 202 || status === 204) return { kind: 'empty', status, headers: carried }
  return { kind: 'failure', failure: FAILURES.unusable, refusedCredential: status === 401 }
}

function carriedHeaders(headers: UpstreamHeaders, isLegacy: boolean): Record<string, string> {
  const sessionId = isLegacy ? single(headers, 'mcp-session-id') : undefined
  const retryAfter = single(headers, 'retry-after')
  const allow = single(headers, 'allow')
  return {
    // What one person may see is in it.
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    ...(allow !== undefined && { allow }),
  }
}

/** A header that is there twice says nothing. */
export function single(headers: UpstreamHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}
