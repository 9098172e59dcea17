// Servers that are broken in one way each, over real sockets: doctor must find each, and nothing in a good one.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder, ok, permitry, whileServing } from '../testing.ts'
import { checkTransport } from './check-transport.ts'
import { examine } from './doctor.ts'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'
import { both, BROKEN, fixture, OIDC, start } from './testing/broken-servers.ts'

/** A configuration for which the broken servers are our own. */
function configFor(origin: string): string {
  return `version: 1
issuer: ${origin}
servers:
  - { id: vet, identifier: '${origin}/mcp', name: Vet, scopes: [{ name: 'pets:read', title: Read, risk: read }] }
`
}

async function examineFrom(
  folder: string,
  args: readonly string[],
): Promise<{ code: number | null; findings: Finding[] }> {
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

const PROXY = 'warn proxy'

test('doctor has nothing to say against a good server', async (t) => {
  const origin = await start(t, () => {})
  const folder = await makeFolder(t, configFor(origin))
  const { code, findings } = await examineFrom(folder, [])
  assert.deepEqual([code, told(findings)], [0, [PROXY]])
  const checks = new Set(findings.map(({ check }) => check))
  for (const check of ['issuer', 'metadata', 'cors', 'clock', 'keys', 'challenge', 'resource metadata'])
    assert.ok(checks.has(check), check)
})

for (const [name, [breaks, ...expected]] of Object.entries(BROKEN))
  test(`doctor finds ${name}, and the fix`, async (t) => {
    const origin = await start(t, breaks)
    const folder = await makeFolder(t, configFor(origin))
    const { code, findings } = await examineFrom(folder, [])
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
    const { code, findings } = await examineFrom(folder, [origin, ...(ca ? ['--ca', 'ca.pem'] : [])])
    const tls = findings.find(({ check }) => check === 'tls')
    assert.deepEqual([code, tls?.status], [1, 'fail'])
    assert.match(tls?.seen ?? '', expected)
  })

test('doctor is content with a certificate of an authority that it was given', async (t) => {
  const origin = await start(t, () => {}, 'good.pem')
  const folder = await makeFolder(t, configFor(origin))
  await writeFile(join(folder, 'ca.pem'), fixture('ca.pem'))
  const { findings } = await examineFrom(folder, ['--ca', 'ca.pem'])
  assert.deepEqual(told(findings), [PROXY])
  assert.equal(findings.filter(({ check, status }) => check === 'tls' && status === 'ok').length, 2)
})

test('a server where nobody answers, and one that speaks no TLS, are told apart', async (t) => {
  const folder = await makeFolder(t)
  const silent = await examineFrom(folder, ['http://127.0.0.1:1/mcp'])
  assert.deepEqual([silent.code, told(silent.findings)], [1, ['fail reachable']])
  const plain = await start(t, () => {})
  const mixed = await examineFrom(folder, [`${plain.replace('http:', 'https:')}/mcp`])
  assert.deepEqual([mixed.code, told(mixed.findings)], [1, ['fail tls']])
})

test('a foreign MCP server is looked at from outside, with the servers that it names', async (t) => {
  const folder = await makeFolder(t)
  const origin = await start(t, (world) => delete world[OIDC])
  const { code, findings } = await examineFrom(folder, [`${origin}/mcp`])
  // One place is enough at a server that is not ours.
  assert.deepEqual([code, told(findings)], [0, ['warn metadata']])
  assert.ok(findings.some(({ check, target }) => check === 'keys' && target === `${origin}/jwks`))
  const issuer = await examineFrom(folder, [origin])
  assert.deepEqual([issuer.code, told(issuer.findings)], [0, ['warn metadata']])
})

test('what a foreign server names is not asked where no client would go', async () => {
  const resource = {
    resource: 'https://mcp.example/mcp',
    authorization_servers: ['http://127.0.0.1:1', 'https://10.0.0.1', 'file:///etc', 'https://auth.example'],
  }
  const metadata = { issuer: 'https://auth.example', jwks_uri: 'https://169.254.169.254/latest/meta-data' }
  const asked = new Set<string>()
  const probe: Probe = (url) => {
    asked.add(new URL(url).host)
    const [status, body] = url.includes('oauth-protected-resource')
      ? [200, resource]
      : url.startsWith('https://auth.example/')
        ? [200, metadata]
        : [401, {}]
    const challenge = { 'www-authenticate': 'Bearer resource_metadata="http://localhost:1/secret"' }
    const answer = { certificateEndsAt: Infinity, sentAt: 0, receivedAt: 0, headers: new Headers(challenge) }
    return Promise.resolve({ ...answer, status, body: JSON.stringify(body) })
  }
  const world = { probe, now: 0, config: undefined, masterKey: undefined, clients: [] }
  const findings = await examine('https://mcp.example/mcp', world)
  assert.deepEqual([...asked].sort(), ['auth.example', 'mcp.example'])
  const refused = findings.filter(({ seen }) => seen.includes('no address'))
  assert.equal(refused.length, 4, JSON.stringify(refused))
})

test('an address of ours in another spelling is told, and one that is no URL is refused', async (t) => {
  const origin = await start(t, () => {})
  const folder = await makeFolder(t, configFor(origin))
  const { findings } = await examineFrom(folder, [`${origin.replace('http:', 'HTTP:')}/mcp`])
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
  await fetch(`${issuer}/.well-known/oauth-authorization-server`)
  await ask({ ...client, redirect_uri: 'http://localhost:9402/elsewhere' })
  await ask({
    ...client,
    redirect_uri: 'http://localhost:9402/callback',
    code_challenge_method: 'S256',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    resource: 'https://mcp.example/vet',
  })
  await ask({ client_id: 'nobody', redirect_uri: 'http://localhost/callback' })
  await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'A', redirect_uris: ['http://evil.example/cb'] }),
  })
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
  assert.match(stdout, /^ {2}\d\d:\d\d metadata ok\n {2}\d\d:\d\d authorization request refused/m)
  assert.match(
    stdout,
    /authorization request refused, redirect_uri_mismatch \(redirect_uri http:\/\/localhost:9402\/elsewhere\)/,
  )
  assert.match(
    stdout,
    /refused, invalid_target: no MCP server is registered as https:\/\/mcp\.example\/vet\n +fix: register/,
  )
  assert.match(stdout, /token refused, client_authentication: wrong_(?:method|secret)\n +fix: /)
  assert.match(stdout, /registration refused, invalid_redirect_uri: .*\n +fix: let the client register https/)
  assert.match(stdout, /^somebody unknown, .*\n.*metadata ok\n.*refused, client_unknown/m)
  // Strangers learn nothing of how requests arrive.
  for (const authorization of ['', 'Permitry-Doctor 1.x', `Permitry-Doctor ${Date.now()}.${'A'.repeat(43)}`])
    assert.equal((await fetch(`${issuer}/doctor`, { headers: { authorization } })).status, 404)
}

test('an issuer that clients would not compare as it is written is told, also a foreign one', async (t) => {
  const folder = await makeFolder(t)
  const origin = await start(t, (world) => both(world, {}))
  const { findings } = await examineFrom(folder, [`${origin}/`])
  assert.ok(told(findings).includes('warn issuer'), JSON.stringify(findings))
})

test('a client that is no native one is told that its loopback port counts', async (t) => {
  const origin = await start(t, () => {})
  const client = (id: string, type: string) =>
    `  - { id: ${id}, name: A, type: ${type}, auth: none, redirect_uris: ['http://127.0.0.1:7777/cb'], servers: { vet: all } }\n`
  const folder = await makeFolder(t, `${configFor(origin)}clients:\n${client('a', 'web')}${client('b', 'native')}`)
  await ok(folder, ['apply', '--yes'])
  const { findings } = await examineFrom(folder, [])
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
