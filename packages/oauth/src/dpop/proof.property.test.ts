import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkProof, type ProofRequest } from './proof.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const jwk = publicKey.export({ format: 'jwk' })
const now = 1_800_000_000
const request: ProofRequest = {
  method: 'POST',
  uri: 'https://auth.example.com/token',
  nowSeconds: now,
  needsNonce: false,
  isRecentNonce: () => false,
  accessToken: undefined,
}

const rightHeader = { typ: 'dpop+jwt', alg: 'EdDSA', jwk }
const rightClaims = { htm: 'POST', htu: request.uri, iat: now, jti: 'one' }
const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signed by the key in its header, whatever it says. */
function signed(header: object, claims: object): string {
  const text = `${segment(header)}.${segment(claims)}`
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
}

test('a right proof in which one member is something else is refused', async () => {
  assert.ok((await checkProof(signed(rightHeader, rightClaims), request)).ok)
  const member = fc.constantFrom(...Object.keys(rightHeader), ...Object.keys(rightClaims))
  const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('none', 'HS256', 'ES256', now + 301, 'GET'))
  await fc.assert(
    fc.asyncProperty(member, value, async (member, value) => {
      const isInHeader = Object.hasOwn(rightHeader, member)
      const right: Record<string, unknown> = isInHeader ? rightHeader : rightClaims
      const changed = { ...right, [member]: value }
      const proof = isInHeader ? signed(changed, rightClaims) : signed(rightHeader, changed)
      const mayBe =
        (member === 'jti' && typeof value === 'string' && value !== '' && value.length <= 256) ||
        (member === 'iat' && typeof value === 'number' && Math.abs(value - now) <= 300)
      assert.equal((await checkProof(proof, request)).ok, mayBe)
    }),
    { numRuns: 500 },
  )
})

test('any text is refused with a reason', async () => {
  const object = fc.oneof(fc.jsonValue(), fc.record({ typ: fc.jsonValue(), alg: fc.jsonValue(), jwk: fc.jsonValue() }))
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('.', 'e30', ',', ' ', 'bnVsbA', '_', '=') }),
    fc.tuple(object, object).map(([header, claims]) => `${segment(header)}.${segment(claims)}.c2ln`),
  )
  await fc.assert(
    fc.asyncProperty(text, async (text) => assert.equal((await checkProof(text, request)).ok, false)),
    { numRuns: 500 },
  )
})

test('the URI is the one of the request in any spelling that RFC 3986 calls the same, and no other', async () => {
  const same = fc.constantFrom(
    'https://auth.example.com/token',
    'HTTPS://AUTH.example.com:443/token',
    'https://auth.example.com/%74oken?a=b#c',
  )
  const other = fc.constantFrom(
    'https://auth.example.com/Token',
    'https://auth.example.com/token/',
    'https://auth.example.com:8443/token',
    'https://auth.example.com.evil.example/token',
    'http://auth.example.com/token',
    'https://auth.example.com/%2574oken',
    '/token',
  )
  await fc.assert(
    fc.asyncProperty(fc.boolean(), same, other, async (isSame, same, other) => {
      const proof = signed(rightHeader, { ...rightClaims, htu: isSame ? same : other })
      assert.equal((await checkProof(proof, request)).ok, isSame)
    }),
    { numRuns: 200 },
  )
})
