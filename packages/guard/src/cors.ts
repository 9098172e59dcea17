import { isLoopback } from './loopback.ts'
import type { Settings } from './settings.ts'
import type { Incoming } from './types.ts'

/** Headers that MCP clients in a browser send. `Mcp-Param-*` has no wildcard in CORS beside credentials, so names are echoed. */
const REQUEST_HEADERS = [
  'Accept',
  'Authorization',
  'Content-Type',
  'DPoP',
  'Last-Event-ID',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Session-Id',
]
const EXPOSED_HEADERS = 'WWW-Authenticate, DPoP-Nonce, Mcp-Session-Id'

/**
 * Says whether a page of this origin may call: undefined when no page does, since only browsers send `Origin`. Pages of
 * the server's own host may, on loopback from any port; others are named in `origins`. MCP, Streamable HTTP, Security.
 */
export function checkOrigin(headers: Incoming['headers'], settings: Settings): 'allowed' | 'refused' | undefined {
  const origin = headers.get('origin')
  if (origin === null) return undefined
  if (settings.origins === '*' || settings.origins.has(origin)) return 'allowed'
  if (!URL.canParse(origin)) return 'refused'
  const { hostname } = new URL(origin)
  const own = new URL(settings.resource).hostname
  return hostname === own || (isLoopback(own) && isLoopback(hostname)) ? 'allowed' : 'refused'
}

/** A server on loopback is called by a loopback name: another name that leads here is DNS rebinding. */
export function isRebound(request: Incoming, { loopback }: Settings): boolean {
  if (!loopback) return false
  const host = request.headers.get('host')
  const url = host === null ? request.url : `http://${host}`
  return !URL.canParse(url) || !isLoopback(new URL(url).hostname)
}

/** Answers a preflight, which carries no credentials. */
export function preflight(headers: Incoming['headers']): Response {
  const asked = (headers.get('access-control-request-headers') ?? '').split(',').map((name) => name.trim())
  const parameters = asked.filter((name) => /^mcp-param-[A-Za-z0-9!#$%&'*+.^_`|~-]+$/i.test(name))
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': [...REQUEST_HEADERS, ...parameters].join(', '),
      'access-control-max-age': '600',
    },
  })
}

/** The headers by which a page may read an answer; none for a request that no page sent. */
export function corsHeaders(headers: Incoming['headers']): Readonly<Record<string, string>> {
  const origin = headers.get('origin')
  if (origin === null) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    vary: 'Origin',
  }
}

/** The protected resource metadata, RFC 9728 §3: for everybody, pages of any origin included. */
export function metadataAnswer(method: string, { metadata }: Settings): Response {
  const headers = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }
  if (method === 'OPTIONS') {
    const preflightHeaders = { 'access-control-allow-methods': 'GET', 'access-control-allow-headers': '*' }
    return new Response(null, { status: 204, headers: { ...headers, ...preflightHeaders } })
  }
  if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405, headers: { allow: 'GET' } })
  return new Response(method === 'HEAD' ? null : metadata.document, {
    headers: { ...headers, 'content-type': 'application/json' },
  })
}
