import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import { guard } from '../index.ts'
import { createTestIssuer, ISSUER, modern, NOW, RESOURCE, type TestIssuer } from '../test-issuer.ts'

const METADATA = `${ISSUER}/.well-known/oauth-authorization-server`
const JWKS = `${ISSUER}/jwks`

let issuer: TestIssuer
let now: number
let serve: (request: Request) => Promise<Response>
let errors: Error[]
beforeEach(async () => {
  issuer = await createTestIssuer()
  now = NOW
  errors = []
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { whoami: [] },
    onError: (error) => errors.push(error),
    clock: () => now,
    fetch: issuer.fetch,
  })(async () => Response.json({}))
})

async function status(claims = {}): Promise<number> {
  return (await call(await issuer.token({ exp: now / 1000 + 300, ...claims }))).status
}

function call(token: string): Promise<Response> {
  return serve(modern('tools/call', { name: 'whoami' }, token))
}

test('nothing is fetched before the first token, and then once for all who wait', async () => {
  assert.deepEqual(issuer.fetched, [])
  await serve(modern('tools/call', { name: 'whoami' }))
  assert.deepEqual(issuer.fetched, [])
  assert.deepEqual(await Promise.all([status(), status(), status()]), [200, 200, 200])
  assert.deepEqual(issuer.fetched, [METADATA, JWKS])
})

test('a new key is fetched when a token names it', async () => {
  assert.equal(await status(), 200)
  await issuer.rotate('k2')
  now += 31_000
  assert.equal(await status(), 200)
  assert.equal(issuer.fetched.filter((url) => url === JWKS).length, 2)
})

test('made-up key ids do not make the guard fetch again and again', async () => {
  assert.equal(await status(), 200)
  now += 31_000
  for (let index = 0; index < 20; index++) {
    const token = await issuer.token({ exp: now / 1000 + 300 }, { kid: `made-up-${index}` })
    assert.equal((await call(token)).status, 401)
  }
  assert.equal(issuer.fetched.filter((url) => url === JWKS).length, 2)
})

test('a token of a key that was withdrawn is refused once the keys are fetched again, though it was verified', async () => {
  const token = await issuer.token({ exp: now / 1000 + 3_600 })
  assert.equal((await call(token)).status, 200)
  await issuer.rotate('k2')
  now += 10 * 60_000
  assert.equal(await status(), 200)
  assert.equal((await call(token)).status, 401)
})

const unusable: Record<string, () => void> = {
  'the issuer does not answer': () => issuer.documents.set(METADATA, new TypeError('fetch failed')),
  'the issuer answers with an error': () => issuer.documents.set(METADATA, new Response(null, { status: 500 })),
  'there is no metadata': () => issuer.documents.delete(METADATA),
  'the metadata is of another issuer': () =>
    issuer.documents.set(METADATA, { issuer: 'https://evil.example', jwks_uri: JWKS }),
  'the metadata has no jwks_uri': () => issuer.documents.set(METADATA, { issuer: ISSUER }),
  'the jwks_uri is plain http': () => {
    issuer.documents.set('http://auth.example.com/jwks', issuer.documents.get(JWKS))
    issuer.documents.set(METADATA, { issuer: ISSUER, jwks_uri: 'http://auth.example.com/jwks' })
  },
  'the metadata redirects': () => {
    issuer.documents.set('https://evil.example/metadata', issuer.documents.get(METADATA))
    issuer.documents.set(METADATA, Response.redirect('https://evil.example/metadata', 302))
  },
  'the keys are no JSON': () => issuer.documents.set(JWKS, new Response('<html>')),
  'the keys are no key set': () => issuer.documents.set(JWKS, { keys: 'k' }),
  'the document is huge': () => issuer.documents.set(JWKS, { keys: [], padding: 'x'.repeat(300_000) }),
}
for (const [name, break_] of Object.entries(unusable)) {
  test(`503 and not 401, and the operator is told, when ${name}`, async () => {
    break_()
    const response = await call(await issuer.token())
    assert.equal(response.status, 503)
    assert.ok(Number(response.headers.get('retry-after')) > 0)
    assert.equal(response.headers.get('www-authenticate'), null)
    assert.ok(errors.length === 1 && errors[0]?.cause instanceof Error)
  })
}

test('an issuer that comes back is found again', async () => {
  const document = issuer.documents.get(METADATA)
  issuer.documents.set(METADATA, new TypeError('fetch failed'))
  assert.equal(await status(), 503)
  issuer.documents.set(METADATA, document)
  now += 1_000
  assert.equal(await status(), 503, 'not asked within two seconds')
  now += 1_000
  assert.equal(await status(), 200)
})

test('known keys outlast an outage of the issuer, for an hour', async () => {
  assert.equal(await status(), 200)
  issuer.documents.set(METADATA, new TypeError('fetch failed'))
  now += 59 * 60_000
  assert.equal(await status(), 200)
  now += 60_000
  assert.equal(await status(), 503)
})

test('metadata of OpenID Connect is found where there is no RFC 8414 document', async () => {
  issuer.documents.set(`${ISSUER}/.well-known/openid-configuration`, issuer.documents.get(METADATA))
  issuer.documents.delete(METADATA)
  assert.equal(await status(), 200)
})

test('a key for another algorithm than the token says is not used', async () => {
  const { publicKey } = await generateKeyPair('RS256', { extractable: true })
  issuer.documents.set(JWKS, { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] })
  assert.equal(await status(), 401)
})

test('a key that was taken back serves nobody for long, though no other token makes the guard ask', async () => {
  const token = await issuer.token({ exp: NOW / 1000 + 365 * 86_400 })
  assert.equal((await call(token)).status, 200)
  await issuer.rotate('k2')
  now += 9 * 60_000
  assert.equal((await call(token)).status, 200)
  now += 60_000
  assert.equal((await call(token)).status, 401)
})

test('keys that were fetched before the clock went back are not fresh until it has caught up', async () => {
  const neverSeen = await issuer.token()
  assert.equal(await status(), 200)
  await issuer.rotate('k2')
  now -= 3_600_000
  assert.equal(await status(), 200, 'the new key is asked for at once')
  assert.equal((await call(neverSeen)).status, 401)
})

test('a token that was verified before the clock went back is verified again', async () => {
  const token = await issuer.token()
  assert.equal((await call(token)).status, 200)
  await issuer.rotate('k2')
  now -= 3_600_000
  assert.equal((await call(token)).status, 401)
})
