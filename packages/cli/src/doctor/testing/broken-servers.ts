// Authorization and MCP servers that are good, and ways to break each of them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A certificate or key of the authority in `ca.pem`, whose own key was thrown away. */
export const fixture = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

interface Sent {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}
/** What stands at each path; an entry may be changed by whoever breaks it. */
type World = Record<string, Sent>

const PUBLIC = { 'access-control-allow-origin': '*' }

/** A good authorization server and a good MCP server at one origin. */
function goodWorld(origin: string): World {
  const metadata = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    jwks_uri: `${origin}/jwks`,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  }
  const resource = { resource: `${origin}/mcp`, authorization_servers: [origin], scopes_supported: ['pets:read'] }
  const challenge = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`
  return {
    '/.well-known/oauth-authorization-server': { body: metadata, headers: PUBLIC },
    '/.well-known/openid-configuration': { body: metadata, headers: PUBLIC },
    '/jwks': { body: { keys: [{ kty: 'EC' }] }, headers: { ...PUBLIC, 'cache-control': 'public, max-age=60' } },
    '/.well-known/oauth-protected-resource/mcp': { body: resource, headers: PUBLIC },
    '/.well-known/oauth-protected-resource': { body: resource, headers: PUBLIC },
    '/mcp': { status: 401, headers: { 'www-authenticate': challenge } },
  }
}

export type Break = (world: World, origin: string) => void

/** Starts both at one origin, broken in one way. */
export async function start(t: TestContext, breaks: Break, certificate?: string): Promise<string> {
  let world: World = {}
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    const { status = 200, headers = {}, body = '' } = world[url] ?? { status: 404 }
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const server =
    certificate === undefined
      ? createServer(answer)
      : createSecureServer({ cert: fixture(certificate), key: fixture('host.key.pem') }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => (server.close(), server.closeAllConnections()))
  const { port } = server.address() as AddressInfo
  const origin = certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
  world = goodWorld(origin)
  breaks(world, origin)
  return origin
}

const edit = (world: World, path: string, members: Record<string, unknown>): void => {
  const sent = world[path]
  assert.ok(sent)
  world[path] = { ...sent, body: { ...(sent.body as object), ...members } }
}
const AS = '/.well-known/oauth-authorization-server'
export const OIDC = '/.well-known/openid-configuration'
const PRM = '/.well-known/oauth-protected-resource/mcp'
const ROOT = '/.well-known/oauth-protected-resource'
export const both = (world: World, members: Record<string, unknown>): void =>
  [AS, OIDC].forEach((path) => edit(world, path, members))
const bothPrm = (world: World, members: Record<string, unknown>): void =>
  [PRM, ROOT].forEach((path) => edit(world, path, members))

/** Ways to be broken, and what doctor must say about each beside the proxy, which these servers cannot tell of. */
export const BROKEN: Readonly<Record<string, readonly [Break, ...expected: string[]]>> = {
  'another issuer': [(world) => both(world, { issuer: 'https://other.example' }), 'fail metadata', 'fail metadata'],
  'an issuer with a slash': [(world, origin) => both(world, { issuer: `${origin}/` }), 'fail slashes', 'fail slashes'],
  'metadata at one place only': [(world) => delete world[OIDC], 'fail metadata'],
  'metadata that redirects': [
    (world) => (world[AS] = { status: 301, headers: { location: 'https://www.example/' } }),
    'fail metadata',
  ],
  'metadata that is a page': [(world) => (world[AS] = { body: '<h1>Hello</h1>', headers: PUBLIC }), 'fail metadata'],
  'metadata without S256': [
    (world) => both(world, { code_challenge_methods_supported: ['plain'] }),
    'fail metadata content',
  ],
  'metadata without endpoints': [(world) => both(world, { token_endpoint: undefined }), 'fail metadata content'],
  'metadata that promises no iss': [
    (world) => both(world, { authorization_response_iss_parameter_supported: undefined }),
    'warn metadata content',
  ],
  'metadata without CORS': [(world) => (world[AS] = { ...world[AS], headers: {} }), 'fail cors'],
  'metadata for one page': [
    (world) => (world[AS] = { ...world[AS], headers: { 'access-control-allow-origin': 'https://a.example' } }),
    'fail cors',
  ],
  'keys that are gone': [(world) => delete world['/jwks'], 'fail keys'],
  'no keys': [(world) => (world['/jwks'] = { ...world['/jwks'], body: { keys: [] } }), 'fail keys'],
  'private keys': [(world) => (world['/jwks'] = { ...world['/jwks'], body: { keys: [{ d: 'x' }] } }), 'fail keys'],
  'keys without caching': [(world) => (world['/jwks'] = { ...world['/jwks'], headers: PUBLIC }), 'warn key caching'],
  'keys without CORS': [
    (world) => (world['/jwks'] = { ...world['/jwks'], headers: { 'cache-control': 'max-age=60' } }),
    'fail cors',
  ],
  'no registration': [(world) => both(world, { registration_endpoint: undefined }), 'warn client registration'],
  'no documents': [
    (world) => both(world, { client_id_metadata_document_supported: undefined }),
    'warn client documents',
  ],
  'documents, but no public client': [
    (world) => both(world, { token_endpoint_auth_methods_supported: ['private_key_jwt'] }),
    'warn client documents',
  ],
  'no refresh tokens': [
    (world) => both(world, { grant_types_supported: ['authorization_code'] }),
    'warn staying signed in',
  ],
  'a clock that is behind': [
    (world) => {
      const date = new Date(Date.now() - 300_000).toUTCString()
      for (const path of [AS, OIDC]) world[path] = { ...world[path], headers: { ...PUBLIC, date } }
    },
    'fail clock',
  ],
  'a clock that is a little ahead': [
    (world) => {
      const date = new Date(Date.now() + 30_000).toUTCString()
      for (const path of [AS, OIDC]) world[path] = { ...world[path], headers: { ...PUBLIC, date } }
    },
    'warn clock',
  ],
  'an MCP server that is open': [(world) => (world['/mcp'] = { body: {} }), 'fail challenge'],
  'a 401 without a challenge': [(world) => (world['/mcp'] = { status: 401 }), 'fail challenge'],
  'a challenge without the metadata': [
    (world) => (world['/mcp'] = { status: 401, headers: { 'www-authenticate': 'Bearer' } }),
    'warn challenge',
  ],
  'a resource with a slash': [
    (world, origin) => bothPrm(world, { resource: `${origin}/mcp/` }),
    'fail slashes',
    'fail slashes',
  ],
  'a resource of another address': [
    (world) => bothPrm(world, { resource: 'https://mcp.example/mcp' }),
    'fail resource metadata',
    'fail resource metadata',
  ],
  'resource metadata at the root only': [(world) => delete world[PRM], 'fail resource metadata'],
  'resource metadata at the path only': [(world) => delete world[ROOT], 'warn resource metadata'],
  'resource metadata that redirects': [
    (world) => (world[PRM] = { status: 308, headers: { location: '/elsewhere' } }),
    'fail resource metadata',
  ],
  'resource metadata that differs': [
    (world) => edit(world, ROOT, { scopes_supported: [] }),
    'fail resource metadata equality',
  ],
  'resource metadata without CORS': [(world) => (world[PRM] = { ...world[PRM], headers: {} }), 'fail cors'],
  'an MCP server of another issuer': [
    (world) => bothPrm(world, { authorization_servers: ['https://other.example'] }),
    'fail authorization servers',
  ],
  'an MCP server that names our issuer with a slash': [
    (world, origin) => bothPrm(world, { authorization_servers: [`${origin}/`] }),
    'fail slashes',
  ],
  'an MCP server without authorization servers': [
    (world) => bothPrm(world, { authorization_servers: [] }),
    'fail authorization servers',
  ],
  'offline_access at the MCP server': [
    (world) => bothPrm(world, { scopes_supported: ['offline_access'] }),
    'warn offline_access',
  ],
}
