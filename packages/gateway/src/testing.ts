// For tests: an issuer that is a key and two documents, MCP servers that behave as a test wants, and raw requests.
import { once } from 'node:events'
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createGateway, type Gateway } from './gateway.ts'
import { GatewayRules } from './rules/schema.ts'
import { createGatewayServer, type Patience } from './server.ts'
import type { GatewayOptions } from './upstream/upstream.ts'
import type { z } from 'zod'

export const ISSUER = 'https://auth.example.com'
export const RESOURCE = 'http://localhost:9403/mcp'

type UpstreamInput = z.input<typeof GatewayRules>['upstreams'][number]

const { publicKey, privateKey } = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }

/** Signs an access token for Bob. */
export function tokenFor(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = { iss: ISSUER, aud: RESOURCE, sub: 'bob', client_id: 'app', jti: 'j1', iat: now, exp: now + 300 }
  return new SignJWT({ ...payload, scope: 'read', ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
    .sign(privateKey)
}

/** Answers what an authorization server publishes, and whatever else a test adds. */
export function issuerFetch(more: Readonly<Record<string, () => Response>> = {}): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : input.toString()
    if (url === `${ISSUER}/.well-known/oauth-authorization-server`)
      return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` })
    if (url === `${ISSUER}/jwks`) return Response.json(jwks)
    return more[url]?.() ?? new Response(null, { status: 404 })
  }
}

/** Listens on a free port of loopback until the test ends. */
async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** An MCP server that somebody else wrote. */
export async function startUpstream(t: TestContext, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(t, createServer(listener))}/mcp`
}

/** Answers each request with the JSON-RPC result that a test gives, and tells what arrived. */
export function answering(result: object, seen: Seen[] = []): RequestListener {
  return (req, res) => {
    void text(req).then((body) => {
      seen.push({
        method: req.method ?? '',
        url: req.url ?? '',
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        body,
      })
      const id: unknown = body === '' ? null : (JSON.parse(body) as { id?: unknown }).id
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    })
  }
}

/** What an MCP server got to see. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Running {
  readonly gateway: Gateway
  readonly port: number
  readonly errors: Error[]
}

/** A gateway in front of one MCP server with the tools `look` (read), `change` (write) and `secret` (admin). */
export async function startGateway(
  t: TestContext,
  url: string,
  {
    change = {},
    others = [],
    patience,
    ...options
  }: Partial<GatewayOptions> & {
    readonly change?: Partial<UpstreamInput>
    readonly others?: readonly (UpstreamInput & { readonly url: string })[]
    readonly patience?: Patience
  } = {},
): Promise<Running> {
  const errors: Error[] = []
  const rules = GatewayRules.parse({
    version: 1,
    issuer: ISSUER,
    upstreams: [
      {
        id: 'docs',
        url,
        resource: RESOURCE,
        default_scopes: ['read'],
        tools: { look: { scopes: ['read'] }, change: { scopes: ['write'] }, secret: { scopes: ['admin'] } },
        input_schemas: 'none',
        ...change,
      },
      ...others,
    ],
  })
  const upstreams = rules.upstreams.map((upstream) => ({ ...upstream, url: upstream.url ?? url }))
  const gateway = createGateway(
    { ...rules, upstreams },
    { onError: (error) => void errors.push(error), fetch: issuerFetch(), ...options },
  )
  const port = await listening(t, createGatewayServer(gateway.handle, patience))
  t.after(() => gateway.close())
  return { gateway, port, errors }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: {
    readonly id?: unknown
    readonly result?: Record<string, unknown>
    readonly error?: { code: number; message: string }
  }
}

export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
}

/** Sends one request, and reads the whole answer. */
export async function send(
  port: number,
  { method = 'POST', path = '/mcp', token, headers = {}, body }: Sent,
): Promise<Answer> {
  const outgoing = request({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent: false,
    headers: {
      host: `localhost:${port}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  })
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const all = await text(incoming)
  const isJson = incoming.headers['content-type']?.startsWith('application/json') === true
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: all,
    json: (isJson && all !== '' ? JSON.parse(all) : {}) as Answer['json'],
  }
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** A request of 2026-07-28, with the headers that mirror it. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  token?: string,
): Sent & { headers: Record<string, string> } {
  const name = params['name'] ?? params['uri']
  return {
    ...(token !== undefined && { token }),
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params: { ...params, _meta: META } }),
  }
}

/** The same before. */
export function legacy(
  method: string,
  params: Record<string, unknown> = {},
  token?: string,
): Sent & { headers: Record<string, string> } {
  return {
    ...(token !== undefined && { token }),
    headers: { 'mcp-protocol-version': '2025-11-25' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
  }
}

/** Sends bytes as they are and reads until the other side ends the connection. */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  return text(socket)
}
