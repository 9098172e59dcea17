// Tokens that are bound to a key, in the web-standard form of the guard.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beforeEach, test } from 'node:test'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { decided, guard, type GuardOptions } from '../index.ts'
import { createTestIssuer, ISSUER, messageOf, modern, NOW, RESOURCE, type TestIssuer } from '../test-issuer.ts'
import { createReplayStore } from './replays.ts'

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const jwk = await exportJWK(publicKey)
const jkt = await calculateJwkThumbprint(jwk)
const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

let issuer: TestIssuer
let now: number
let serve: (request: Request) => Promise<Response>
beforeEach(async () => {
  issuer = await createTestIssuer()
  now = NOW
  serve = createServe()
})

function createServe(options: Partial<GuardOptions> = {}): typeof serve {
  return guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: ['a'],
    tools: { whoami: 'a', more: 'b' },
    clock: () => now,
    fetch: issuer.fetch,
    ...options,
  })(async (request, { authInfo }) => {
    assert.equal(request.headers.get('dpop'), null)
    return Response.json({ id: 1, result: decided(authInfo).principal })
  })
}

const bound = (claims: object = {}): Promise<string> => issuer.token({ scope: 'a', cnf: { jkt }, ...claims })

function proof(token: string, claims: Record<string, unknown> = {}, key = privateKey, header = jwk): Promise<string> {
  const ordinary = { htm: 'POST', htu: RESOURCE, iat: now / 1000, jti: crypto.randomUUID(), ath: athOf(token) }
  return new SignJWT({ ...ordinary, ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: header })
    .sign(key)
}

function send(authorization: string, dpop?: string, tool = 'whoami', host?: string): Promise<Response> {
  const request = modern('tools/call', { name: tool })
  request.headers.set('authorization', authorization)
  if (dpop !== undefined) request.headers.set('dpop', dpop)
  if (host !== undefined) request.headers.set('host', host)
  return serve(request)
}

const challengeOf = (response: Response): string => response.headers.get('www-authenticate') ?? ''

test('a bound token with a proof of its key opens the tool, and the handler learns which key', async () => {
  const token = await bound()
  const response = await send(`DPoP ${token}`, await proof(token))
  assert.equal(response.status, 200)
  assert.deepEqual((await messageOf(response)).result?.['cnf'], { jkt })
})

test('a bound token is no bearer token, with its proof or without, and an unbound one has no proof', async () => {
  const token = await bound()
  const unbound = await issuer.token({ scope: 'a' })
  const refused: [string, string | undefined, RegExp][] = [
    [`Bearer ${token}`, undefined, /^Bearer error="invalid_token"/],
    [`Bearer ${token}`, await proof(token), /^Bearer error="invalid_token"/],
    [`DPoP ${unbound}`, await proof(unbound), /^DPoP error="invalid_token".*algs="ES256 /],
    [`DPoP ${unbound}`, undefined, /^DPoP error="invalid_token"/],
    ['DPoP nonsense', undefined, /^DPoP error="invalid_token"/],
    [`DPoP ${token}`, undefined, /^DPoP error="invalid_dpop_proof".*resource_metadata=.*algs="ES256 /],
  ]
  for (const [authorization, dpop, challenge] of refused) {
    const response = await send(authorization, dpop)
    assert.equal(response.status, 401)
    assert.match(challengeOf(response), challenge)
  }
})

test('a proof for something else, by another key, or shown before is refused', async () => {
  const token = await bound()
  const thief = await generateKeyPair('ES256', { extractable: true })
  const good = await proof(token)
  assert.equal((await send(`DPoP ${token}`, good)).status, 200)
  const proofs: Record<string, string> = {
    'shown before': good,
    'for another token': await proof(await bound({ jti: 'other' })),
    'for no token': await proof(token, { ath: undefined }),
    'for another method': await proof(token, { htm: 'GET' }),
    'for another server': await proof(token, { htu: 'https://other.example/mcp' }),
    'for the authorization server': await proof(token, { htu: `${ISSUER}/token` }),
    'too old': await proof(token, { iat: now / 1000 - 301 }),
    'from the future': await proof(token, { iat: now / 1000 + 301 }),
    'by the key of a thief': await proof(token, {}, thief.privateKey, await exportJWK(thief.publicKey)),
    'signed by a thief, naming the key of the owner': await proof(token, {}, thief.privateKey),
    'twice in one request': `${await proof(token)}, ${await proof(token)}`,
    'no proof': 'x',
  }
  for (const [name, dpop] of Object.entries(proofs)) {
    const response = await send(`DPoP ${token}`, dpop)
    assert.equal(response.status, 401, name)
    assert.match(challengeOf(response), /^DPoP error="invalid_dpop_proof"/, name)
  }
})

test('the address of a proof is the configured one, whatever Host says', async () => {
  const token = await bound()
  const elsewhere = await proof(token, { htu: 'https://evil.example/mcp' })
  assert.equal((await send(`DPoP ${token}`, elsewhere, 'whoami', 'evil.example')).status, 401)
  const here = await proof(token, { htu: 'HTTPS://MCP.vet.example:443/mcp?x=1#y' })
  assert.equal((await send(`DPoP ${token}`, here, 'whoami', 'evil.example')).status, 200)
})

test('of a proof that is sent many times at once, one counts', async () => {
  const token = await bound()
  const one = await proof(token)
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await send(`DPoP ${token}`, one)).status))
  assert.equal(statuses.filter((status) => status === 200).length, 1)
})

test('processes that share a store share what was spent, and one that cannot tell serves nobody', async () => {
  const replays = createReplayStore(() => now)
  const token = await bound()
  const one = await proof(token)
  serve = createServe({ dpop: { replays } })
  assert.equal((await send(`DPoP ${token}`, one)).status, 200)
  serve = createServe({ dpop: { replays } })
  assert.equal((await send(`DPoP ${token}`, one)).status, 401)
  serve = createServe({ dpop: { replays: { spend: () => Promise.reject(new Error('no store')) } } })
  await assert.rejects(async () => send(`DPoP ${token}`, await proof(token)), /no store/)
})

test('with a nonce key a proof needs a nonce of this server, which processes share and which grows old', async () => {
  const nonceKey = crypto.getRandomValues(new Uint8Array(32))
  serve = createServe({ dpop: { nonceKey } })
  const token = await bound({ exp: NOW / 1000 + 3600 })
  const asked = await send(`DPoP ${token}`, await proof(token))
  assert.equal(asked.status, 401)
  assert.match(challengeOf(asked), /^DPoP error="use_dpop_nonce"/)
  const nonce = asked.headers.get('dpop-nonce') ?? ''
  assert.match(nonce, /^[\w-]{43}$/)
  const answered = await send(`DPoP ${token}`, await proof(token, { nonce }))
  assert.deepEqual([answered.status, answered.headers.get('dpop-nonce')], [200, nonce])
  serve = createServe({ dpop: { nonceKey } })
  assert.equal((await send(`DPoP ${token}`, await proof(token, { nonce }))).status, 200, 'of another process')
  assert.equal((await send(`DPoP ${token}`, await proof(token, { nonce: 'x'.repeat(43) }))).status, 401)
  now += 301_000
  assert.equal((await send(`DPoP ${token}`, await proof(token, { nonce }))).status, 200, 'of the slot before')
  now += 300_000
  assert.equal((await send(`DPoP ${token}`, await proof(token, { nonce }))).status, 401)
})

test('a step-up is asked for in the scheme of the token', async () => {
  const token = await bound()
  const response = await send(`DPoP ${token}`, await proof(token), 'more')
  assert.equal(response.status, 403)
  assert.match(challengeOf(response), /^DPoP error="insufficient_scope".*scope="b".*algs="ES256 /)
})

test('where only bound tokens are served, a bearer token is none, and metadata and challenge say so', async () => {
  serve = createServe({ dpop: { required: true } })
  const response = await send(`Bearer ${await issuer.token({ scope: 'a' })}`)
  assert.equal(response.status, 401)
  assert.match(challengeOf(response), /^DPoP scope="a", resource_metadata="[^"]+", algs="[^"]+"$/)
  const token = await bound()
  assert.equal((await send(`DPoP ${token}`, await proof(token))).status, 200)
  const metadata = await serve(new Request('https://mcp.vet.example/.well-known/oauth-protected-resource'))
  assert.equal(((await metadata.json()) as Record<string, unknown>)['dpop_bound_access_tokens_required'], true)
})

test('where DPoP is switched off, it is never named, and bound tokens are refused in any scheme', async () => {
  serve = createServe({ dpop: false })
  const token = await bound()
  for (const authorization of [`DPoP ${token}`, `Bearer ${token}`]) {
    const response = await send(authorization, await proof(token))
    assert.equal(response.status, 401)
    assert.ok(!challengeOf(response).includes('DPoP'))
  }
})

test('the store forgets what has expired, and beyond its bound what the busiest key showed first', () => {
  let clock = 0
  const store = createReplayStore(() => clock, 4)
  const spend = (jkt: string, jti: string, expiresAt = 1000) => store.spend({ jkt, jti, expiresAt })
  assert.deepEqual([spend('a', '1'), spend('a', '1'), spend('b', '1')], [true, false, true])
  assert.deepEqual([spend('a', '2'), spend('a', '3'), spend('a', '4')], [true, true, true])
  assert.equal(spend('b', '1'), false, 'another key lost nothing')
  assert.equal(spend('a', '4'), false)
  clock = 1000
  assert.deepEqual([spend('a', '4', 2000), spend('b', '1', 2000)], [true, true])
})
