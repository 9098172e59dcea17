import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { GuardedFetch } from './guarded-fetch.ts'

/** The transport of the official MCP client over a guarded fetch; left to itself it would fetch whatever it is told. */
export function guardedTransport(
  url: string,
  send: GuardedFetch,
  accessToken: string | undefined,
): StreamableHTTPClientTransport {
  const requestInit = accessToken === undefined ? {} : { headers: { authorization: `Bearer ${accessToken}` } }
  return new StreamableHTTPClientTransport(new URL(url), { fetch: send, requestInit })
}
