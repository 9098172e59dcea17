// Keys that a client brings along: what is weak, foreign or a secret must not get in, and a signature of anybody else's key
// must not count (RFC 8725 §3.5, RFC 7517 §9). Damaged and symmetric signatures are in
// tests/conformance/token-client-authentication.test.ts. The key sets are
// Wycheproof's, see wycheproof/json-web-keys.json.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { startStack, type Stack } from '@permitry/testkit'
import { addSecondClinic, post } from './world.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] }
}

const file = new URL('./wycheproof/json-web-keys.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }

let stack: Stack
let second: string
before(async () => {
  stack = await startStack({ trustedProxies: ['127.0.0.1'] })
  second = await addSecondClinic(stack)
})
after(() => stack.close())

let callers = 0

async function register(issuer: string, changes: Record<string, unknown>): Promise<{ status: number; id: string }> {
  const metadata = {
    redirect_uris: ['https://app.example.com/callback'],
    token_endpoint_auth_method: 'private_key_jwt',
    ...changes,
  }
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${callers++}` }
  const answer = await post(`${issuer}/register`, JSON.stringify(metadata), headers)
  return { status: answer.status, id: String((JSON.parse(answer.text) as Record<string, unknown>)['client_id']) }
}

test('of the key sets of Wycheproof the one strong public signing key is registered, and none of the others', async () => {
  assert.equal(vectors.length, 25)
  const taken: number[] = []
  for (const { tcId, jwks } of vectors) if ((await register(stack.issuer, { jwks })).status === 201) taken.push(tcId)
  assert.deepEqual(taken, [5])
})

test('a bad key among good ones is not overlooked', async () => {
  const good = vectors.find(({ tcId }) => tcId === 5)?.jwks.keys ?? []
  const alone = { status: 201 }
  assert.deepEqual({ status: (await register(stack.issuer, { jwks: { keys: good } })).status }, alone)
  for (const { tcId, comment, jwks } of vectors) {
    // Keys for other uses or algorithms may stand beside those that sign: they verify nothing.
    if ([5, 6, 19, 20, 21].includes(tcId)) continue
    const keys = [...good, ...jwks.keys]
    assert.equal((await register(stack.issuer, { jwks: { keys } })).status, 400, `${tcId} ${comment}`)
  }
})

interface Signer {
  readonly key: KeyObject
  readonly jwk: Record<string, unknown>
}

function newSigner(kid: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const ieee = (key: KeyObject) => (input: string) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })

/** An assertion of a client, right unless changed. */
function assertion(
  id: string,
  signature: (input: string) => Buffer,
  header: Record<string, unknown> = {},
  claims: Record<string, unknown> = {},
): string {
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: id, sub: id, aud: stack.issuer, iat: now, exp: now + 60, jti: randomUUID(), ...claims }
  const input = `${encode({ alg: 'ES256', kid: 'one', ...header })}.${encode(all)}`
  return `${input}.${signature(input).toString('base64url')}`
}

/** Whether a client that shows this assertion is believed: a revocation of nothing needs only that. */
async function isBelieved(issuer: string, id: string, jwt: string): Promise<boolean> {
  const { status } = await post(`${issuer}/revoke`, {
    client_id: id,
    token: 'nothing',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: jwt,
  })
  assert.ok(status === 200 || status === 401 || status === 400, `${status}`)
  return status === 200
}

test('an assertion is believed of the client whose registered key signed it, at the issuer that it names, once', async () => {
  const [mine, others] = [newSigner('one'), newSigner('one')]
  const { id } = await register(stack.issuer, { jwks: { keys: [mine.jwk] } })
  const { id: other } = await register(stack.issuer, { jwks: { keys: [others.jwk] } })
  const { id: abroad } = await register(second, { jwks: { keys: [mine.jwk] } })
  const right = ieee(mine.key)
  const forged: [string, string][] = [
    ['the key of another client under the same kid', assertion(id, ieee(others.key))],
    ['a key in its header', assertion(id, ieee(others.key), { jwk: others.jwk })],
    ['a key that its header points to', assertion(id, ieee(others.key), { jku: 'https://evil.example/keys' })],
    ['another issuer of the assertion', assertion(id, right, {}, { iss: other })],
    ['another subject', assertion(id, right, {}, { sub: other })],
    ['the other tenant as audience', assertion(id, right, {}, { aud: second })],
    ['both tenants as audience', assertion(id, right, {}, { aud: [stack.issuer, second] })],
  ]
  for (const [name, jwt] of forged) assert.equal(await isBelieved(stack.issuer, id, jwt), false, name)
  assert.equal(await isBelieved(stack.issuer, other, assertion(id, right)), false, 'as another client')
  assert.equal(await isBelieved(second, abroad, assertion(abroad, right)), false, 'at another tenant')
  const good = assertion(id, right)
  assert.equal(await isBelieved(stack.issuer, id, good), true)
  assert.equal(await isBelieved(stack.issuer, id, good), false, 'a second time')
})
