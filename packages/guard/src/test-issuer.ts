// For tests: an authorization server that is only keys and two documents, answered by an injected `fetch`.
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const ISSUER = 'https://auth.example.com'
export const RESOURCE = 'https://mcp.vet.example/mcp'
/** Where the clock of the tests stands: milliseconds. */
export const NOW = 1_800_000_000_000

/** Members of a token, right or wrong; `undefined` removes one. */
export type Members = Readonly<Record<string, unknown>>

export interface TestIssuer {
  readonly fetch: typeof fetch
  /** URLs that were fetched. */
  readonly fetched: string[]
  /** Answers by URL; a test changes them to make the issuer fail. */
  readonly documents: Map<string, unknown>
  /** Signs an access token. */
  token(claims?: Members, header?: Members, key?: CryptoKey): Promise<string>
  /** Replaces the key, as a rotation does. */
  rotate(kid: string): Promise<void>
}

export async function createTestIssuer(issuer = ISSUER): Promise<TestIssuer> {
  const documents = new Map<string, unknown>()
  const fetched: string[] = []
  let kid = 'k1'
  let pair = await generateKeyPair('ES256', { extractable: true })

  async function publish(): Promise<void> {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, use: 'sig', alg: 'ES256' }
    documents.set(`${issuer}/jwks`, { keys: [jwk] })
  }
  documents.set(`${issuer}/.well-known/oauth-authorization-server`, { issuer, jwks_uri: `${issuer}/jwks` })
  await publish()

  const answer: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    fetched.push(url)
    const document = documents.get(url)
    if (document instanceof Error) throw document
    if (document === undefined) return new Response(null, { status: 404 })
    if (!(document instanceof Response)) return Response.json(document)
    const location = document.headers.get('location')
    return location !== null && init?.redirect !== 'manual' ? answer(location, init) : document.clone()
  }

  return {
    documents,
    fetched,
    fetch: answer,
    async token(claims = {}, header = {}, key = pair.privateKey) {
      const payload = {
        iss: issuer,
        aud: RESOURCE,
        sub: 'bob',
        client_id: 'vet-assist-ai',
        jti: crypto.randomUUID(),
        iat: NOW / 1000,
        exp: NOW / 1000 + 300,
        scope: 'pet-profile:read',
        ...claims,
      }
      const whole = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
      return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(key)
    },
    async rotate(next) {
      kid = next
      pair = await generateKeyPair('ES256', { extractable: true })
      await publish()
    },
  }
}

/** A request to the MCP endpoint of 2026-07-28, with the headers that mirror the body. */
export function modern(method: string, params: Record<string, unknown>, token?: string): Request {
  const name = params['name'] ?? params['uri']
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  }
  return new Request(RESOURCE, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  })
}

/** The same for the revisions before: no envelope, no mirrored headers. */
export function legacy(method: string, params: Record<string, unknown>, token?: string): Request {
  return new Request(RESOURCE, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
}

export interface TestMessage {
  readonly id: unknown
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

/** The JSON-RPC message in an answer, whether it is JSON or the last event of a stream. */
export async function messageOf(response: Response): Promise<TestMessage> {
  const text = await response.text()
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const events = text.split('\n').filter((line) => line.startsWith('data: {'))
  return JSON.parse(isStream ? (events.at(-1)?.slice(6) ?? 'null') : text) as TestMessage
}

/** The names of the tools in an answer to `tools/list`. */
export async function toolsOf(response: Response): Promise<string[]> {
  const { result } = await messageOf(response)
  return ((result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name)
}
