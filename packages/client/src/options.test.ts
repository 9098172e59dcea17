// What an app gets wrong must be said where it is got wrong, with what to do about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientOptions, createClient, memoryRows, webNetwork } from './index.ts'
import { nodeNetwork } from './node/index.ts'

const right: ClientOptions = {
  name: 'Test app',
  redirectUri: 'https://app.example/callback',
  network: webNetwork(() => Promise.reject(new TypeError('no network'))),
}
const rows = memoryRows()
const key = new Uint8Array(32)
const registration = { issuer: 'https://as.example', clientId: 'app' }

for (const [what, wrong, advice] of [
  ['no name', { name: undefined }, /`name` must name the app/],
  ['no network', { network: undefined }, /`network`.*`nodeNetwork\(\)`/],
  ['no redirect URI', { redirectUri: undefined }, /`redirectUri`/],
  ['a redirect URI that is a path', { redirectUri: '/callback' }, /`redirectUri`/],
  ['a key as text', { store: { rows, key: 'a'.repeat(44) } }, /Uint8Array.*base64/],
  ['a key of another size', { store: { rows, key: new Uint8Array(16) } }, /32 bytes.*openssl rand/],
  ['no key', { store: { rows, key: [] } }, /32 bytes/],
  ['no rows', { store: { key } }, /`store\.rows`.*`sqliteRows\(file\)`/],
  ['an empty secret', { registrations: [{ ...registration, clientSecret: '' }] }, /leave `clientSecret` out/],
  ['an empty client id', { registrations: [{ ...registration, clientId: '' }] }, /needs a `clientId`/],
  ['an issuer that is no URL', { registrations: [{ ...registration, issuer: 'as.example' }] }, /must be a URL/],
  ['one issuer twice', { registrations: [registration, registration] }, /two registrations/],
  ['a metadata URL without path', { clientMetadataUrl: 'https://app.example' }, /`clientMetadataUrl`/],
] as const) {
  test(`${what} is an error at the start`, () => {
    const options = { ...right, ...wrong } as unknown as ClientOptions
    assert.throws(() => createClient(options), { name: 'ClientError', code: 'invalid_options', message: advice })
  })
}

test('an allowed origin that would never match is an error at the start', () => {
  for (const origin of ['http://localhost:9401/', 'https://mcp.example/mcp', 'mcp.example', 'https://MCP.example'])
    for (const create of [
      () => nodeNetwork({ allowOrigins: [origin] }),
      () => webNetwork(fetch, { allowOrigins: [origin] }),
    ])
      assert.throws(create, { code: 'invalid_options', message: /`allowOrigins`/ }, origin)
})

test('a server that is no address is an error that says so', async () => {
  const request = { user: 'usr_1', browser: 'browser', server: 'mcp.example/mcp' }
  await assert.rejects(createClient(right).connect(request), {
    code: 'invalid_options',
    message: /`server` must be a URL/,
  })
})

test('a refused address says which option would let it be fetched', async () => {
  const { fetch } = nodeNetwork()
  for (const address of ['http://localhost:9401/mcp', 'https://10.0.0.1/mcp', 'https://mcp.internal/mcp'])
    await assert.rejects(fetch(address), { code: 'address_refused', message: /`allowOrigins`/ }, address)
  await assert.rejects(fetch('http://mcp.example/mcp'), { code: 'address_refused', message: /not https$/ })
})
