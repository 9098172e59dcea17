import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { before, test } from 'node:test'
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { rawStatus } from './mcp-client.ts'
import { createHolder, type Holder, proved } from './dpop.ts'
import { assertError, conformanceStack, encode, type Reply } from './harness.ts'

const server = conformanceStack()
let holder: Holder
before(async () => void (holder = await createHolder()))

const url = (): string => `${server().issuer}/token`

/** A request that has nothing wrong but its refresh token: what becomes of it says whether the proof was taken. */
const FORM = { grant_type: 'refresh_token', client_id: 'exact', refresh_token: 'nobody issued this' }
const send = (proof: string): Promise<Reply> => proved(server().issuer, FORM, proof)

async function assertTaken(proof: string, because = 'as it is'): Promise<void> {
  const { status, body } = await send(proof)
  assert.deepEqual([status, body['error']], [400, 'invalid_grant'], because)
}

async function assertRefused(proof: string, because = 'as it is'): Promise<void> {
  const { status, body } = await send(proof)
  assert.deepEqual([status, body['error']], [400, 'invalid_dpop_proof'], because)
}

test('AS-116: proofs of every published algorithm are taken', async () => {
  const metadata = (await (await fetch(`${server().issuer}/.well-known/oauth-authorization-server`)).json()) as {
    dpop_signing_alg_values_supported: string[]
  }
  assert.ok(metadata.dpop_signing_alg_values_supported.includes('ES256'))
  for (const alg of metadata.dpop_signing_alg_values_supported) {
    const one = await createHolder(alg)
    await assertTaken(await one.proof('POST', url()), alg)
  }
})

test('AS-116: typ is dpop+jwt', async () => {
  for (const typ of ['JWT', 'at+jwt', 'DPOP+JWT', undefined]) {
    await assertRefused(await holder.proof('POST', url(), { header: { typ } }), typ)
  }
})

test('AS-116: a proof is one header in compact form, and not too long', async () => {
  const [one, two] = [await holder.proof('POST', url()), await holder.proof('POST', url())]
  const [head = '', payload = '', signature = ''] = one.split('.')
  const list = Buffer.from('[]').toString('base64url')
  for (const broken of [
    '',
    'x',
    `${one}=`,
    `${one}.${signature}`,
    `${head}.${payload}.`,
    `${one}, ${two}`,
    `${head}.${list}.${signature}`,
    `${list}.${payload}.${signature}`,
    `${head}.eA.${signature}`,
    await holder.proof('POST', url(), { claims: { padding: 'x'.repeat(7000) } }),
  ]) {
    await assertRefused(broken, broken.slice(0, 40))
  }
  const body = encode(FORM).toString()
  const type = 'content-type: application/x-www-form-urlencoded'
  assert.equal(await rawStatus(url(), [type, `dpop: ${one}`, `dpop: ${two}`], body), 400)
})

test('AS-116: the algorithm is one of those that are published, none and shared secrets never', async () => {
  const rsa = await createHolder('RS512')
  await assertRefused(await rsa.proof('POST', url()), 'RS512')
  const claims = (await holder.proof('POST', url())).split('.')[1] ?? ''
  const head = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url')
  await assertRefused(`${head({ typ: 'dpop+jwt', alg: 'none', jwk: holder.jwk })}.${claims}.e30`, 'none')
  const secret = Buffer.alloc(32, 7)
  const shared = await new CompactSign(Buffer.from(claims, 'base64url'))
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: secret.toString('base64url') } as JWK })
    .sign(secret)
  await assertRefused(shared, 'HS256')
})

test('AS-116: the key in the header is public, strong and fit to verify', async () => {
  await assertRefused(await holder.proof('POST', url(), { header: { jwk: holder.privateJwk } }), 'private')
  await assertRefused(await holder.proof('POST', url(), { header: { jwk: undefined } }), 'none')
  await assertRefused(await holder.proof('POST', url(), { header: { jwk: 'x' } }), 'no object')
  await assertRefused(await holder.proof('POST', url(), { header: { jwk: { ...holder.jwk, use: 'enc' } } }), 'use')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const weak = privateKey.export({ format: 'jwk' }) as JWK
  const signer = (await importJWK(weak, 'RS256')) as CryptoKey
  const jwk = { kty: 'RSA', n: weak.n, e: weak.e }
  await assertRefused(await holder.proof('POST', url(), { header: { alg: 'RS256', jwk }, signer }), 'exponent 3')
})

test('AS-116: the signature is by the key in the header', async () => {
  const other = await generateKeyPair('ES256', { extractable: true })
  await assertRefused(await holder.proof('POST', url(), { signer: other.privateKey }))
  const { jwk } = await createHolder('ES384')
  await assertRefused(await holder.proof('POST', url(), { header: { jwk } }), 'another curve')
  const off = { ...(await exportJWK(other.publicKey)), y: holder.jwk.y }
  await assertRefused(await holder.proof('POST', url(), { header: { jwk: off } }), 'not on the curve')
})

test('AS-116: extensions that must be understood are refused, also those that jose knows', async () => {
  await assertRefused(await holder.proof('POST', url(), { header: { crit: ['b64'], b64: true } }))
})

test('AS-116: htm is the method of the request', async () => {
  for (const htm of ['GET', 'post', '', undefined, ['POST']]) {
    await assertRefused(await holder.proof('POST', url(), { claims: { htm } }), JSON.stringify(htm))
  }
})

test('AS-116: htu is the address of the endpoint, normalised, without query and fragment, whatever Host says', async () => {
  const { issuer } = server()
  const { host, port } = new URL(issuer)
  for (const htu of [
    `${issuer}/token?a=b#c`,
    `HTTP://${host.toUpperCase()}/token`,
    `${issuer}/./token`,
    `${issuer}/%74oken`,
  ]) {
    await assertTaken(await holder.proof('POST', htu), htu)
  }
  for (const htu of [
    `${issuer}/userinfo`,
    `${issuer}/token/`,
    `${issuer}/Token`,
    `${issuer}/t/other/token`,
    `https://${host}/token`,
    `http://localhost:${port}/token`,
    `http://user@${host}/token`,
    `https://evil.example/token`,
    '/token',
    '',
    undefined,
  ]) {
    await assertRefused(await holder.proof('POST', url(), { claims: { htu } }), htu)
  }
  const elsewhere = await holder.proof('POST', 'https://evil.example/token')
  const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', dpop: elsewhere }
  const response = await fetch(url(), { method: 'POST', headers: forwarded, body: encode(FORM) })
  assert.equal(((await response.json()) as { error: string }).error, 'invalid_dpop_proof')
})

test('AS-116: iat is at most five minutes away, in both directions', async () => {
  const now = Math.floor(Date.now() / 1000)
  for (const iat of [now - 290, now + 290]) await assertTaken(await holder.proof('POST', url(), { claims: { iat } }))
  for (const iat of [now - 310, now + 310, 0, `${now}`, undefined]) {
    await assertRefused(await holder.proof('POST', url(), { claims: { iat } }), String(iat))
  }
})

test('AS-116: jti is there', async () => {
  for (const jti of [undefined, '', 1, 'x'.repeat(257)]) {
    await assertRefused(await holder.proof('POST', url(), { claims: { jti } }), JSON.stringify(jti)?.slice(0, 20))
  }
})

test('AS-118: a proof counts once, also of many that arrive together, and an id belongs to its key', async () => {
  const proof = await holder.proof('POST', url(), { claims: { jti: 'the same' } })
  const replies = await Promise.all(Array.from({ length: 10 }, () => send(proof)))
  const errors = replies.map(({ body }) => String(body['error'])).toSorted((a, b) => a.localeCompare(b))
  assert.deepEqual(errors, [...Array<string>(9).fill('invalid_dpop_proof'), 'invalid_grant'])
  await assertRefused(await holder.proof('POST', url(), { claims: { jti: 'the same' } }), 'another proof of one id')
  await assertTaken(await (await createHolder()).proof('POST', url(), { claims: { jti: 'the same' } }))
})

test('AS-116: a client without credentials is refused before its proof, and a refused proof is in the audit', async () => {
  const reply = await proved(server().issuer, { ...FORM, client_id: 'nobody' }, 'x')
  assertError(reply, 401, 'invalid_client')
  await assertRefused('x')
  const rows = await server().stack.store.read((db) =>
    db.selectFrom('audit_events').select('reason').where('reason', '=', 'dpop_proof: malformed').execute(),
  )
  assert.ok(rows.length > 0)
})
