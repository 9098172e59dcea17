// Servers that are broken in one way each, over real sockets: doctor must find each, and nothing in a good one.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeFolder, ok, permitry, whileServing } from '../testing.ts'
import { checkTransport } from './check-transport.ts'
import type { Finding } from './finding.ts'

const fixture = (name: string): string => readFileSync(new URL(`./testing/${name}`, import.meta.url), 'utf8')

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

type Break = (world: World, origin: string) => void

async function start(t: TestContext, breaks: Break, certificate?: string): Promise<string> {
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

/** A configuration for which the broken servers are our own. */
function configFor(origin: string): string {
  return `version: 1
issuer: ${origin}
servers:
  - { id: vet, identifier: '${origin}/mcp', name: Vet, scopes: [{ name: 'pets:read', title: Read, risk: read }] }
`
}

async function examine(folder: string, args: readonly string[]): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await permitry(folder, ['doctor', '--json', ...args])
  assert.match(stderr, code === 0 ? /^$/ : /^permitry: (?:one check|\d+ checks) failed\n$/)
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings }
}

/** The checks that found something, in all tests of this file. */
const everFound = new Set<string>()

function told(findings: readonly Finding[]): string[] {
  const bad = findings.filter(({ status }) => status !== 'ok')
  for (const { check } of bad) everFound.add(check)
  return bad.map(({ check, status }) => `${status} ${check}`)
}

const edit = (world: World, path: string, members: Record<string, unknown>): void => {
  const sent = world[path]
  assert.ok(sent)
  world[path] = { ...sent, body: { ...(sent.body as object), ...members } }
}
const AS = '/.well-known/oauth-authorization-server'
const OIDC = '/.well-known/openid-configuration'
const PRM = '/.well-known/oauth-protected-resource/mcp'
const ROOT = '/.well-known/oauth-protected-resource'
const both = (world: World, members: Record<string, unknown>): void =>
  [AS, OIDC].forEach((path) => edit(world, path, members))
const bothPrm = (world: World, members: Record<string, unknown>): void =>
  [PRM, ROOT].forEach((path) => edit(world, path, members))

/** Ways to be broken, and what doctor must say about each beside the proxy, which these servers cannot tell of. */
const BROKEN: Readonly<Record<string, readonly [Break, ...expected: string[]]>> = {
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

const PROXY = 'warn proxy'

test('doctor has nothing to say against a good server', async (t) => {
  const origin = await start(t, () => {})
  const folder = await makeFolder(t, configFor(origin))
  const { code, findings } = await examine(folder, [])
  assert.deepEqual([code, told(findings)], [0, [PROXY]])
  const checks = new Set(findings.map(({ check }) => check))
  for (const check of ['issuer', 'metadata', 'cors', 'clock', 'keys', 'challenge', 'resource metadata'])
    assert.ok(checks.has(check), check)
})

for (const [name, [breaks, ...expected]] of Object.entries(BROKEN))
  test(`doctor finds ${name}, and the fix`, async (t) => {
    const origin = await start(t, breaks)
    const folder = await makeFolder(t, configFor(origin))
    const { code, findings } = await examine(folder, [])
    const unexpected = told(findings).filter((one) => one !== PROXY)
    assert.deepEqual(unexpected, expected)
    assert.equal(code, expected.some((one) => one.startsWith('fail')) ? 1 : 0)
    for (const { status, fix } of findings) assert.equal(fix !== undefined, status !== 'ok')
  })

const CERTIFICATES: Readonly<Record<string, readonly [certificate: string, ca: boolean, expected: RegExp]>> = {
  'an expired certificate': ['expired.pem', true, /CERT_HAS_EXPIRED/],
  'a certificate for another name': ['other-name.pem', true, /ERR_TLS_CERT_ALTNAME_INVALID/],
  'a certificate of an authority that nobody knows': ['good.pem', false, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/],
}
for (const [name, [certificate, ca, expected]] of Object.entries(CERTIFICATES))
  test(`doctor finds ${name}`, async (t) => {
    const origin = await start(t, () => {}, certificate)
    const folder = await makeFolder(t, configFor(origin))
    await writeFile(join(folder, 'ca.pem'), fixture('ca.pem'))
    const { code, findings } = await examine(folder, [origin, ...(ca ? ['--ca', 'ca.pem'] : [])])
    const tls = findings.find(({ check }) => check === 'tls')
    assert.deepEqual([code, tls?.status], [1, 'fail'])
    assert.match(tls?.seen ?? '', expected)
  })

test('doctor is content with a certificate of an authority that it was given', async (t) => {
  const origin = await start(t, () => {}, 'good.pem')
  const folder = await makeFolder(t, configFor(origin))
  await writeFile(join(folder, 'ca.pem'), fixture('ca.pem'))
  const { findings } = await examine(folder, ['--ca', 'ca.pem'])
  assert.deepEqual(told(findings), [PROXY])
  assert.equal(findings.filter(({ check, status }) => check === 'tls' && status === 'ok').length, 2)
})

test('a server where nobody answers, and one that speaks no TLS, are told apart', async (t) => {
  const folder = await makeFolder(t)
  const silent = await examine(folder, ['http://127.0.0.1:1/mcp'])
  assert.deepEqual([silent.code, told(silent.findings)], [1, ['fail reachable']])
  const plain = await start(t, () => {})
  const mixed = await examine(folder, [`${plain.replace('http:', 'https:')}/mcp`])
  assert.deepEqual([mixed.code, told(mixed.findings)], [1, ['fail tls']])
})

test('a foreign MCP server is looked at from outside, with the servers that it names', async (t) => {
  const folder = await makeFolder(t)
  const origin = await start(t, (world) => delete world[OIDC])
  const { code, findings } = await examine(folder, [`${origin}/mcp`])
  // One place is enough at a server that is not ours.
  assert.deepEqual([code, told(findings)], [0, ['warn metadata']])
  assert.ok(findings.some(({ check, target }) => check === 'keys' && target === `${origin}/jwks`))
  const issuer = await examine(folder, [origin])
  assert.deepEqual([issuer.code, told(issuer.findings)], [0, ['warn metadata']])
})

test('what a foreign server names is not asked where no client would go', async (t) => {
  const folder = await makeFolder(t)
  let asked = 0
  const inside = createServer((_, response) => void (asked++, response.end('{}')))
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  t.after(() => void inside.close())
  const origin = await start(t, (world) =>
    bothPrm(world, { authorization_servers: ['http://10.0.0.1', 'file:///etc'] }),
  )
  const { code, findings } = await examine(folder, [`${origin}/mcp`])
  assert.deepEqual([code, told(findings)], [1, ['fail authorization servers', 'fail authorization servers']])
  assert.equal(asked, 0)
})

test('an address of ours in another spelling is told, and one that is no URL is refused', async (t) => {
  const origin = await start(t, () => {})
  const folder = await makeFolder(t, configFor(origin))
  const { findings } = await examine(folder, [`${origin.replace('http:', 'HTTP:')}/mcp`])
  assert.ok(told(findings).includes('warn registered'))
  assert.match((await permitry(folder, ['doctor', 'vet'])).stderr, /`vet` is no URL/)
  assert.equal((await permitry(folder, ['doctor', 'a', 'b'])).code, 2)
})

test('without a configuration doctor looks at foreign servers, and says what it needs for its own', async (t) => {
  const folder = await makeFolder(t)
  const environment = { PERMITRY_CONFIG: 'none.yaml' }
  const own = await permitry(folder, ['doctor'], { environment })
  assert.match(own.stderr, /the configuration `none\.yaml` does not exist/)
  const origin = await start(t, () => {})
  assert.equal((await permitry(folder, ['doctor', `${origin}/mcp`], { environment })).code, 0)
})

test('at a running server doctor sees how requests arrive, and how the last clients got on, with the fix', async (t) => {
  const folder = await makeFolder(t)
  await whileServing(folder, (issuer) => seeRunning(folder, issuer))
})

async function seeRunning(folder: string, issuer: string): Promise<void> {
  const ask = (query: Record<string, string>) =>
    fetch(`${issuer}/authorize?${new URLSearchParams(query).toString()}`, { redirect: 'manual' })
  const client = { client_id: 'vet-assist-ai', response_type: 'code' }
  await ask({ ...client, redirect_uri: 'http://localhost:9402/elsewhere' })
  await ask({
    ...client,
    redirect_uri: 'http://localhost:9402/callback',
    code_challenge_method: 'S256',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    resource: 'https://mcp.example/vet',
  })
  await ask({ client_id: 'nobody', redirect_uri: 'http://localhost/callback' })
  await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'vet-assist-ai',
      client_secret: 'x'.repeat(64),
    }),
  })
  const environment = { PERMITRY_PORT: new URL(issuer).port }
  const { code, stdout } = await permitry(folder, ['doctor', issuer], { environment })
  assert.equal(code, 0, stdout)
  assert.match(stdout, /ok {4}proxy +requests come from 127\.0\.0\.1, and 127\.0\.0\.1 counts as the client/)
  assert.match(stdout, /^Vet Assist AI \(vet-assist-ai\), \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m)
  assert.match(
    stdout,
    /authorization request refused, redirect_uri_mismatch \(redirect_uri http:\/\/localhost:9402\/elsewhere\)/,
  )
  assert.match(
    stdout,
    /refused, invalid_target: no MCP server is registered as https:\/\/mcp\.example\/vet\n +fix: register/,
  )
  assert.match(stdout, /token refused, client_authentication: wrong_(?:method|secret)\n +fix: /)
  assert.match(stdout, /^somebody unknown, .*\n.*refused, client_unknown/m)
  // Strangers learn nothing of how requests arrive.
  for (const authorization of ['', 'Permitry-Doctor 1.x', `Permitry-Doctor ${Date.now()}.${'A'.repeat(43)}`])
    assert.equal((await fetch(`${issuer}/doctor`, { headers: { authorization } })).status, 404)
}

test('an issuer that clients would not compare as it is written is told, also a foreign one', async (t) => {
  const folder = await makeFolder(t)
  const origin = await start(t, (world) => both(world, {}))
  const { findings } = await examine(folder, [`${origin}/`])
  assert.ok(told(findings).includes('warn issuer'), JSON.stringify(findings))
})

test('a client that is no native one is told that its loopback port counts', async (t) => {
  const origin = await start(t, () => {})
  const client = (id: string, type: string) =>
    `  - { id: ${id}, name: A, type: ${type}, auth: none, redirect_uris: ['http://127.0.0.1:7777/cb'], servers: { vet: all } }\n`
  const folder = await makeFolder(t, `${configFor(origin)}clients:\n${client('a', 'web')}${client('b', 'native')}`)
  await ok(folder, ['apply', '--yes'])
  const { findings } = await examine(folder, [])
  const ports = findings.filter(({ check }) => check === 'loopback ports')
  assert.deepEqual(
    ports.map(({ target, status }) => [target, status]),
    [
      ['a', 'warn'],
      ['b', 'ok'],
    ],
  )
  told(findings)
})

test('a certificate that ends soon is told before it does', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  const answer = { status: 200, headers: new Headers(), body: '', sentAt: now, receivedAt: now }
  const status = (days: number) =>
    checkTransport('https://auth.example', { ...answer, certificateEndsAt: now + days * 24 * 3_600_000 }, now)[0]
      ?.status
  assert.deepEqual([status(60), status(20)], ['ok', 'warn'])
  // Without a Date nobody can say anything about the clock.
  assert.equal(
    checkTransport('http://auth.example', { ...answer, certificateEndsAt: undefined }, now)[0]?.status,
    'warn',
  )
})

test('every check of doctor found something above: one that cannot fail would be of no use', () => {
  const folder = new URL('.', import.meta.url)
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/about\('([^']+)'/g)])
    .map(([, name = '']) => name)
  assert.ok(names.length > 15)
  assert.deepEqual(
    [...new Set(names)].filter((name) => !everFound.has(name)),
    [],
  )
})
