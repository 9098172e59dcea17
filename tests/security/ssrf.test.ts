// A URL of a stranger is an order to fetch (MCP security best practices, SSRF; CIMD §6.5; RFC 9700 §4.11). Which addresses are
// refused, redirects, rebinding, sizes and times are in packages/server/src/outbound; here it is seen that every way in meets them.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, listen, type Listening, signIn, startStack, type Stack } from '@permitry/testkit'
import { post } from './world.ts'

/** Whatever connects here was sent by the server. */
let connections = 0
const inside = createServer((socket) => (connections++, socket.end()))

let now = Date.now()
/** A server of the internet, whose own machine and network are out of bounds. */
let stack: Stack
/** One that runs on loopback itself, where development hosts its clients. */
let local: Stack
let keyHost: Listening
before(async () => {
  await new Promise<void>((resolve) => inside.listen(0, resolve))
  stack = await startStack({ issuer: 'https://login.example', trustedProxies: ['127.0.0.1'] })
  local = await startStack({ now: () => now })
  keyHost = await listen()
})
after(async () => {
  inside.close()
  await keyHost.close()
  await local.close()
  await stack.close()
})

const port = (): number => (inside.address() as AddressInfo).port

/** Our own machine and other places that no stranger may have us visit, in the spellings that lead there. */
const places = (): string[] => [
  `https://127.0.0.1:${port()}/x`,
  `https://localhost:${port()}/x`,
  `https://localhost.:${port()}/x`,
  `https://[::1]:${port()}/x`,
  `https://[::ffff:127.0.0.1]:${port()}/x`,
  `https://[::ffff:7f00:1]:${port()}/x`,
  `https://[::]:${port()}/x`,
  `https://0.0.0.0:${port()}/x`,
  `https://2130706433:${port()}/x`,
  `https://0x7f.1:${port()}/x`,
  `https://0177.0.0.1:${port()}/x`,
  `https://127.1:${port()}/x`,
  `https://127.0.0.1:${port()}/x#login.example`,
  `https://login.example@127.0.0.1:${port()}/x`,
  `http://127.0.0.1:${port()}/x`,
  'https://169.254.169.254/latest/meta-data',
  'https://[fe80::1]/x',
  'https://10.0.0.1/x',
  'file:///etc/passwd',
  'data:application/json,{}',
  `gopher://127.0.0.1:${port()}/x`,
]

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function assertionOf(id: string, aud: string, kid: string, key: KeyObject = privateKey): string {
  const seconds = Math.floor(now / 1000)
  const claims = { iss: id, sub: id, aud, iat: seconds, exp: seconds + 60, jti: randomUUID() }
  const input = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

let callers = 0

async function register(origin: string, changes: Record<string, unknown>): Promise<string | undefined> {
  const metadata = { client_name: 'Notes', redirect_uris: ['https://app.example.com/callback'], ...changes }
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${callers++}` }
  const answer = await post(`${origin}/register`, JSON.stringify(metadata), headers)
  assert.ok([201, 400].includes(answer.status), `${answer.status}: ${JSON.stringify(changes)}`)
  return answer.status === 201 ? String((JSON.parse(answer.text) as Record<string, unknown>)['client_id']) : undefined
}

const prove = (origin: string, issuer: string, id: string, kid = 'one') =>
  post(`${origin}/revoke`, {
    client_id: id,
    token: 'nothing',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertionOf(id, issuer, kid),
  })

test('keys of a client at an inner address are not fetched, however it is spelt, and the answer tells nothing of it', async () => {
  const answers = new Set<string>()
  for (const jwks_uri of places()) {
    const id = await register(stack.origin, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri })
    if (id === undefined) continue
    const { status, text } = await prove(stack.origin, stack.issuer, id)
    answers.add(`${status} ${text}`)
  }
  assert.equal(connections, 0)
  assert.equal(answers.size, 1, 'an answer that differs scans the network for whoever asks')
  assert.match([...answers][0] ?? '', /^401 .*invalid_client/)
})

test('a logo at an inner address is not fetched, and the page comes without it', async () => {
  const browser = new Browser((request) => {
    // The issuer is where a proxy would listen; its cookies are kept for it.
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(stack.origin + pathname + search, request))
  })
  let shown = 0
  for (const [index, logo_uri] of places().entries()) {
    const id = await register(stack.origin, {
      token_endpoint_auth_method: 'none',
      logo_uri,
      client_name: `Notes ${index}`,
    })
    if (id === undefined) continue
    const asked = { clientId: id, redirectUri: 'https://app.example.com/callback', scope: 'openid' }
    const page = await browser.open((await authorizationUrl(stack.issuer, asked)).url)
    const consent = page.url.includes('/login?') ? await signIn(browser, page, 'bob') : page
    assert.match(consent.text, /Notes/)
    assert.doesNotMatch(consent.text, /<img/)
    shown++
  }
  assert.ok(shown > 10, `${shown}`)
  assert.equal(connections, 0)
})

test('an inner address as client_id, request_uri or sector is not fetched either', async () => {
  for (const place of places()) {
    for (const changes of [{ client_id: place }, { request_uri: place }, { client_id: place, redirect_uri: place }]) {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'vet-assist-ai',
        redirect_uri: 'http://localhost:9402/callback',
        ...changes,
      })
      const answer = await fetch(`${stack.origin}/authorize?${query.toString()}`, {
        redirect: 'manual',
        headers: { 'x-forwarded-for': '203.0.113.1' },
      })
      assert.ok(answer.status < 500, `${answer.status} ${place}`)
      assert.ok(!(answer.headers.get('location') ?? '').startsWith(place), place)
      await answer.text()
    }
  }
  assert.equal(connections, 0)
})

test('where fetching is allowed a stranger’s made-up key ids neither flood the host nor lock its client out when it is down', async () => {
  let asked = 0
  let isUp = true
  keyHost.serve(() => {
    asked++
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }
    return isUp ? Response.json({ keys: [jwk] }) : new Response(null, { status: 500 })
  })
  const jwks_uri = `${keyHost.origin}/keys`
  const id = (await register(local.origin, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri })) ?? ''
  assert.equal((await prove(local.origin, local.issuer, id)).status, 200)
  for (let i = 0; i < 20; i++) assert.equal((await prove(local.origin, local.issuer, id, `made-up ${i}`)).status, 401)
  assert.equal(asked, 1)
  isUp = false
  now += 11_000
  assert.equal((await prove(local.origin, local.issuer, id, 'made up while it is down')).status, 401)
  assert.equal(asked, 2)
  assert.equal((await prove(local.origin, local.issuer, id)).status, 200, 'its keys are fresh still')
  now -= 3_600_000
  assert.equal((await prove(local.origin, local.issuer, id)).status, 401, 'and not after a clock went back')
})
