import type { Admission } from '@permitry/guard/adapter'
import type { RequestHeaders } from './request-headers.ts'

/** What every MCP server may know. */
const ALWAYS = ['mcp-protocol-version', 'traceparent', 'tracestate']
/** What only counts before 2026-07-28, unless the guard withholds it. */
const OF_SESSIONS = ['mcp-session-id', 'last-event-id']
/** What the guard has compared with the body, which nobody did before 2026-07-28. */
const MIRRORS = ['mcp-method', 'mcp-name']

/**
 * The headers that go on, as name and value in turns: what MCP needs and nothing else. The token, proofs, cookies,
 * forwarded headers, `Host` and everything that belongs to one hop stay here, because nothing carries them over.
 */
export function forwardedHeaders(
  headers: RequestHeaders,
  { era, withheld }: Pick<Admission, 'era' | 'withheld'>,
  credential: readonly string[],
): string[] {
  const forwarded = [
    'accept',
    headers.get('accept') ?? 'application/json, text/event-stream',
    // Lists are cut down to what the caller may see, and what is compressed cannot be read.
    'accept-encoding',
    'identity',
    'user-agent',
    'permitry-gateway',
    ...credential,
  ]
  const carry = (name: string) => {
    const value = headers.get(name)
    if (value !== undefined && !withheld.includes(name)) forwarded.push(name, value)
  }
  for (const name of ALWAYS) carry(name)
  for (const name of era === 'modern' ? MIRRORS : OF_SESSIONS) carry(name)
  // MCP 2026-07-28, Custom Headers: an intermediary passes on what it does not know.
  if (era === 'modern') for (const name of headers.keys()) if (name.startsWith('mcp-param-')) carry(name)
  return forwarded
}
