import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { listen, type Listening } from '@permitry/testkit'
import { askAs, assertionOf, JWT_BEARER, proved } from './assertion.ts'
import { clientKeys } from './client-keys.ts'
import { assertError, codeFor, conformanceStack, postForm, type Reply, tokensFor } from './harness.ts'
import { SECRET } from './parties.ts'

let keyServer: Listening
let published: { status: number; body: string; headers: Record<string, string> }
let fetches = 0
const server = conformanceStack(async ({ stack }) => {
  keyServer = await listen()
  keyServer.serve(() => {
    fetches++
    return new Response(published.body, { status: published.status, headers: published.headers })
  })
  await stack.store.unit((db) =>
    db
      .updateTable('clients')
      .set({ jwks_uri: `${keyServer.origin}/jwks.json` })
      .where('id', '=', 'publishing-app')
      .execute(),
  )
})
after(() => keyServer.close())

const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = (ahead: number): number => Math.floor(Date.now() / 1000) + ahead
const publish = (names: readonly (keyof typeof clientKeys)[], headers: Record<string, string> = {}): void => {
  published = { status: 200, body: JSON.stringify({ keys: names.map((name) => clientKeys[name].publicJwk) }), headers }
}

/** Every refusal has one text: what was wrong is nobody's business. */
function assertRefused(reply: Reply, because: string): void {
  const body = {
    error: 'invalid_client',
    error_description: 'the client is not known here or did not authenticate as registered',
  }
  assert.deepEqual([reply.status, reply.body], [401, body], because)
}

test('AS-58, AS-45: a client authenticates by a signature of any of its keys, for the issuer or the token endpoint', async () => {
  const { issuer } = server()
  for (const name of ['p256', 'other', 'p384', 'p521', 'ed25519', 'rsa'] as const) {
    for (const audience of [issuer, `${issuer}/token`]) {
      const assertion = await assertionOf('jwt-app', audience, { key: clientKeys[name] })
      const { status, body } = await askAs(issuer, proved(assertion))
      assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`)
    }
  }
  const named = proved(await assertionOf('jwt-app', issuer), { client_id: 'jwt-app' })
  assert.equal((await askAs(issuer, named)).status, 200)
  const asList = await assertionOf('jwt-app', issuer, { claims: { aud: [issuer] } })
  assert.equal((await askAs(issuer, proved(asList))).status, 200)
})

test('AS-58, AS-71: a code of such a client is redeemed and refreshed with an assertion, and not without one', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'jwt-app')
  assertRefused(await redeem({}), 'nothing')
  assertRefused(await redeem({ client_secret: SECRET }), 'a secret')
  const redeemed = await redeem(proved(await assertionOf('jwt-app', issuer)))
  assert.equal(redeemed.status, 200, JSON.stringify(redeemed.body))
  const refresh = { grant_type: 'refresh_token', refresh_token: String(redeemed.body['refresh_token']) }
  assertRefused(await postForm(`${issuer}/token`, { ...refresh, client_id: 'jwt-app' }), 'a refresh token alone')
  const refreshed = await postForm(`${issuer}/token`, proved(await assertionOf('jwt-app', issuer), refresh))
  assert.equal(refreshed.status, 200)
})

test('AS-58, AS-103: a token is revoked with an assertion', async () => {
  const { issuer } = server()
  const { redeem } = await codeFor('bob', issuer, 'jwt-app')
  const { body } = await redeem(proved(await assertionOf('jwt-app', issuer)))
  const token = String(body['refresh_token'])
  assertRefused(await postForm(`${issuer}/revoke`, { token, client_id: 'jwt-app' }), 'nothing')
  const revoked = await postForm(`${issuer}/revoke`, proved(await assertionOf('jwt-app', issuer), { token }))
  assert.equal(revoked.status, 200)
  const refresh = { grant_type: 'refresh_token', refresh_token: token }
  const late = await postForm(`${issuer}/token`, proved(await assertionOf('jwt-app', issuer), refresh))
  assertError(late, 400, 'invalid_grant')
})

test('AS-58: an assertion counts once, also when it comes fifty times at the same moment', async () => {
  const { issuer } = server()
  const assertion = await assertionOf('jwt-app', issuer)
  const replies = await Promise.all(Array.from({ length: 50 }, () => askAs(issuer, proved(assertion))))
  assert.equal(replies.filter(({ status }) => status === 200).length, 1)
  const jti = randomUUID()
  const again = [
    await assertionOf('jwt-app', issuer, { claims: { jti } }),
    await assertionOf('jwt-app', issuer, { claims: { jti } }),
  ]
  assert.equal((await askAs(issuer, proved(again[0] ?? ''))).status, 200)
  assertRefused(await askAs(issuer, proved(again[1] ?? '')), 'another assertion with the same id')
  const byOther = await assertionOf('one-key-app', issuer, { claims: { jti } })
  assert.equal((await askAs(issuer, proved(byOther))).status, 200, 'the id of another client')
})

test('AS-58: what an assertion says must be so', async () => {
  const { issuer } = server()
  const wrong: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'no issuer': { iss: undefined },
    'another issuer': { iss: 'job' },
    'no audience': { aud: undefined },
    'another audience': { aud: 'https://other.example' },
    'the audience of another endpoint': { aud: `${issuer}/authorize` },
    'a slash behind the issuer': { aud: `${issuer}/` },
    'two audiences': { aud: [issuer, 'https://other.example'] },
    'the issuer twice': { aud: [issuer, issuer] },
    'no audience in a list': { aud: [] },
    'no expiry': { exp: undefined },
    'an expiry in text': { exp: String(seconds(60)) },
    'an expiry that has passed': { exp: seconds(-1) },
    'an expiry too far ahead': { exp: seconds(420) },
    'an expiry beyond all numbers': { exp: 1e300 },
    'an issue in the future': { iat: seconds(120) },
    'an issue in text': { iat: 'now' },
    'a beginning in the future': { nbf: seconds(120) },
    'no id': { jti: undefined },
    'an empty id': { jti: '' },
    'an id that is no text': { jti: 7 },
    'an id without end': { jti: 'x'.repeat(257) },
  }
  for (const [because, claims] of Object.entries(wrong))
    assertRefused(await askAs(issuer, proved(await assertionOf('jwt-app', issuer, { claims }))), because)
  const skewed = await assertionOf('jwt-app', issuer, {
    claims: { iat: seconds(30), nbf: seconds(30), exp: seconds(330) },
  })
  assert.equal((await askAs(issuer, proved(skewed))).status, 200, 'clocks differ by less than a minute')
})

test('AS-58: only a key of the client signs for it, by an algorithm that is its own', async () => {
  const { issuer } = server()
  const ask = async (clientId: string, changes: Parameters<typeof assertionOf>[2]) =>
    askAs(issuer, proved(await assertionOf(clientId, issuer, changes)))
  assertRefused(await ask('jwt-app', { key: clientKeys.foreign }), 'a key of nobody under a known name')
  assertRefused(await ask('jwt-app', { key: clientKeys.foreign, header: { kid: undefined } }), 'no name')
  assertRefused(await ask('jwt-app', { header: { kid: 'other' } }), 'the name of another key')
  assertRefused(await ask('jwt-app', { header: { kid: 'nobody' } }), 'an unknown name')
  assertRefused(await ask('one-key-app', { key: clientKeys.other, header: { kid: 'p256' } }), 'a key of another client')
  assert.equal(
    (await ask('jwt-app', { key: clientKeys.rsa, header: { kid: undefined } })).status,
    200,
    'the only RSA key',
  )
  assertRefused(await ask('jwt-app', { header: { kid: undefined } }), 'one of two keys that fit')
  assertRefused(await ask('ps256-app', { key: clientKeys.rsa }), 'RS256 of a client that registered PS256')
  const ps256 = { ...clientKeys.rsa, alg: 'PS256' }
  assert.equal((await ask('ps256-app', { key: ps256 })).status, 200)
  const crit = { header: { crit: ['b64'], b64: true } }
  assertRefused(await ask('jwt-app', crit), 'an extension that must be understood')
})

test('AS-58: nothing symmetric, unsigned, damaged or padded is a signature', async () => {
  const { issuer } = server()
  const [head = '', payload = '', signature = ''] = (await assertionOf('jwt-app', issuer)).split('.')
  const hs256 = text({ alg: 'HS256', kid: 'p256' })
  const mac = (key: string) => createHmac('sha256', key).update(`${hs256}.${payload}`).digest('base64url')
  for (const jwt of [
    `${hs256}.${payload}.${mac(JSON.stringify(clientKeys.p256.publicJwk))}`,
    `${hs256}.${payload}.${mac('')}`,
    `${text({ alg: 'none' })}.${payload}.${signature}`,
    `${text({ alg: 'none' })}.${payload}.`,
    `${head}.${payload}.`,
    `${head}.${payload}`,
    `${head}.${payload}.${signature}.x`,
    `${head}.${payload}.${signature}=`,
    ` ${head}.${payload}.${signature}`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    `${head}.${text({ sub: 'jwt-app' })}.${signature}`,
    `${head}.${text('jwt-app')}.${signature}`,
    `${text([])}.${payload}.${signature}`,
    `${text({ alg: 5, kid: 7 })}.${payload}.${signature}`,
    'x.y.z',
  ])
    assertRefused(await askAs(issuer, proved(jwt)), jwt)
})

test('AS-58: unknown, suspended and other clients are refused with the same words, whatever they sign', async () => {
  const { issuer } = server()
  for (const clientId of ['nobody', 'suspended-app', 'job', 'exact', 'jwt-app\0', ''])
    assertRefused(await askAs(issuer, proved(await assertionOf(clientId, issuer))), clientId)
  assertRefused(await askAs(issuer, proved(await assertionOf('jwt-app', issuer), { client_id: 'job' })), 'two names')
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'exact' }
  const stolen = await postForm(`${issuer}/token`, proved(await assertionOf('exact', issuer), refresh))
  assertRefused(stolen, 'a public client with an assertion')
})

test('AS-68: one method a request', async () => {
  const { issuer } = server()
  const assertion = await assertionOf('jwt-app', issuer)
  const twice = [
    await askAs(issuer, proved(assertion), ['jwt-app', SECRET]),
    await askAs(issuer, proved(assertion, { client_secret: SECRET })),
    await askAs(issuer, { client_assertion: assertion, client_secret: SECRET }),
  ]
  for (const reply of twice) assertError(reply, 400, 'invalid_request')
  assertRefused(await askAs(issuer, { client_assertion: assertion }), 'no type')
  assertRefused(await askAs(issuer, { client_assertion_type: JWT_BEARER, client_id: 'jwt-app' }), 'no assertion')
  const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer'
  assertRefused(await askAs(issuer, proved(assertion, { client_assertion_type: saml })), 'another type')
  assert.equal((await askAs(issuer, proved(assertion))).status, 200, 'nothing of this has spent it')
})

test('AS-58: published keys are fetched when they are needed, kept while fresh, and never used stale', async () => {
  const conformance = server()
  const { issuer } = conformance
  let ahead = 0
  const advance = (by: number): void => (conformance.advance(by), void (ahead += by))
  const ask = async (name: keyof typeof clientKeys) => {
    const claims = { exp: seconds(ahead + 60), iat: seconds(ahead) }
    return askAs(issuer, proved(await assertionOf('publishing-app', issuer, { key: clientKeys[name], claims })))
  }
  publish(['p256'], { 'cache-control': 'max-age=600' })
  assert.deepEqual([(await ask('p256')).status, (await ask('p256')).status, fetches], [200, 200, 1])

  publish(['p256', 'ed25519'], { 'cache-control': 'max-age=600' })
  assertRefused(await ask('ed25519'), 'an unknown name right after a fetch makes us fetch nothing')
  assert.equal(fetches, 1)
  advance(11)
  assert.deepEqual([(await ask('ed25519')).status, fetches], [200, 2], 'a new key is fetched once')

  published = { status: 503, body: '', headers: {} }
  advance(500)
  assert.equal((await ask('p256')).status, 200, 'fresh keys outlive a failure')
  advance(200)
  assertRefused(await ask('p256'), 'stale keys do not')
  assertRefused(await ask('p256'), 'a failure is not asked for again at once')
  assert.equal(fetches, 3)
  for (const body of ['', '[]', JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'p256' }] })]) {
    published = { status: 200, body, headers: {} }
    advance(11)
    assertRefused(await ask('p256'), `keys that are none: ${body}`)
  }
  publish(['p256'])
  advance(11)
  const together = await Promise.all(Array.from({ length: 10 }, () => ask('p256')))
  assert.ok(together.every(({ status }) => status === 200))
  assert.equal(fetches, 7, 'one fetch for all who wait')
})
