// What the gateway answers itself. Each answer is a JSON-RPC error, also in 4xx: a client that knows two eras takes a 4xx
// without one for the mark of an older server, and starts to speak to it as to one.
import type { ServerResponse } from 'node:http'

/** A JSON-RPC id; null where none could be read. */
export type MessageId = string | number | null

/** What went wrong, without any word of the MCP server's own: that may be a page, a path or a secret. */
export interface Failure {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly retryAfter?: number
}

export const FAILURES = {
  unknown_path: { status: 404, code: -32000, message: 'no MCP server is at this path' },
  bad_request: { status: 400, code: -32600, message: 'the request is not one that everybody reads alike' },
  busy: { status: 503, code: -32603, message: 'too many requests at the same time: try again', retryAfter: 1 },
  stopping: { status: 503, code: -32603, message: 'the gateway is stopping: try again', retryAfter: 1 },
  fault: { status: 500, code: -32603, message: 'the gateway failed' },
  unreachable: { status: 502, code: -32603, message: 'the MCP server cannot be reached' },
  unusable: { status: 502, code: -32603, message: 'the MCP server gave no usable answer' },
  too_large: { status: 502, code: -32603, message: 'the answer of the MCP server is too large' },
  slow: { status: 504, code: -32603, message: 'the MCP server did not answer in time' },
  unprepared: { status: 503, code: -32603, message: 'the MCP server is not ready: try again', retryAfter: 5 },
} as const satisfies Readonly<Record<string, Failure>>

/** Writes a failure. A request whose body was not read to its end takes its connection along. */
export function fail(
  res: ServerResponse,
  { status, code, message, retryAfter }: Failure,
  id: MessageId,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent) return void res.destroy()
  const text = JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })
  const own: Record<string, string | number> = {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  }
  if (retryAfter !== undefined) own['retry-after'] = retryAfter
  if (!res.req.complete) own['connection'] = 'close'
  res.writeHead(status, own).end(text)
}

/** Writes an answer that the guard made. */
export async function sendGuardAnswer(res: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text()
  const headers = Object.fromEntries(answer.headers)
  if (!res.req.complete) headers['connection'] = 'close'
  res.writeHead(answer.status, {
    ...headers,
    ...(answer.status !== 204 && { 'content-length': Buffer.byteLength(text) }),
  })
  res.end(text)
}
