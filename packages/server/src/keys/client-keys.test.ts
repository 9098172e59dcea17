import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import type { JWK } from 'jose'
import { MAX_JWKS_BYTES, parseClientKeys, selectClientKey } from './client-keys.ts'

const publicJwk = (key: KeyObject) => key.export({ format: 'jwk' }) as JWK
const rsa = publicJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)
const shortRsa = publicJwk(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
const onCurve = (namedCurve: string) => publicJwk(generateKeyPairSync('ec', { namedCurve }).publicKey)
const [p256, other, p384, p521] = [onCurve('P-256'), onCurve('P-256'), onCurve('P-384'), onCurve('P-521')]
const ed25519 = publicJwk(generateKeyPairSync('ed25519').publicKey)
const x25519 = publicJwk(generateKeyPairSync('x25519').publicKey)

const parse = (...keys: readonly object[]) => parseClientKeys(JSON.stringify({ keys }))

function keysOf(...keys: readonly object[]) {
  const parsed = parse(...keys)
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error)
  return parsed.value
}

function refusalOf(...keys: readonly object[]): string {
  const parsed = parse(...keys)
  return parsed.ok ? 'accepted' : parsed.error
}

/** A modulus of the shape that the faulty generator makes: a power of 65537 modulo the product of the first 39 primes. */
function rocaModulus(): bigint {
  const primes = Array.from({ length: 168 }, (_, n) => BigInt(n)).filter(
    (n) => n > 1n && !Array.from({ length: Number(n) }, (_, d) => BigInt(d)).some((d) => d > 1n && n % d === 0n),
  )
  const product = primes.reduce((all, prime) => all * prime, 1n)
  let power = 1n
  for (let exponent = 0; exponent < 1234; exponent++) power = (power * 65537n) % product
  return ((1n << 2047n) / product + 1n) * product + power
}

const base64url = (value: bigint) => Buffer.from(value.toString(16), 'hex').toString('base64url')

test('keys are taken with the algorithms that fit them, and without members that say where to find other keys', () => {
  const keys = keysOf(
    { ...rsa, kid: 'r', x5u: 'https://evil.example', x5c: ['MII'] },
    { ...p256, kid: '1', use: 'sig', key_ops: ['verify'] },
    { ...p384, kid: '2' },
    { ...p521, kid: '3' },
    { ...ed25519, kid: '4' },
    { ...rsa, kid: 'p', alg: 'PS256' },
  )
  assert.deepEqual(
    keys.map(({ kid, algs }) => [kid, ...algs]),
    [
      ['r', 'RS256', 'PS256'],
      ['1', 'ES256'],
      ['2', 'ES384'],
      ['3', 'ES512'],
      ['4', 'EdDSA', 'Ed25519'],
      ['p', 'PS256'],
    ],
  )
  assert.deepEqual(keys[0]?.jwk, { kty: 'RSA', n: rsa.n, e: rsa.e })
})

describe('a set is refused', () => {
  const cases: Readonly<Record<string, [says: RegExp, ...keys: object[]]>> = {
    'with a symmetric key': [/symmetric/, p256, { kty: 'oct', k: 'c2VjcmV0' }],
    'with a private key': [/private/, { ...p256, d: p256.x }],
    'with a private key for another use': [/private/, p256, { ...rsa, use: 'enc', d: 'AQAB' }],
    'with a short RSA key': [/2048/, shortRsa],
    'with an RSA key that is too long to be checked quickly': [/8192/, { ...rsa, n: base64url((1n << 8200n) + 1n) }],
    'with exponent 1': [/exponent/, { ...rsa, e: 'AQ' }],
    'with exponent 3': [/exponent/, { ...rsa, e: 'Aw' }],
    'with an even exponent': [/exponent/, { ...rsa, e: base64url(65538n) }],
    'with an exponent that makes checking slow': [/exponent/, { ...rsa, e: base64url((1n << 39n) + 1n) }],
    'with an even modulus': [/odd/, { ...rsa, n: base64url(1n << 2047n) }],
    'with a modulus of the ROCA generator': [/ROCA/, { ...rsa, n: base64url(rocaModulus()) }],
    'with zero bytes in front of a modulus': [/zero/, { ...rsa, n: `AA${rsa.n}` }],
    'with a point of another curve': [/P-256/, { ...p256, x: p384.x, y: p384.y }],
    'with a point that is not on its curve': [/not on its curve/, { ...p256, y: other.y }],
    'with a coordinate that is missing': [/P-256/, { kty: 'EC', crv: 'P-256', x: p256.x }],
    'with a short Ed25519 key': [/Ed25519/, { ...ed25519, x: 'AAAA' }],
    'with padding in a coordinate': [/P-256/, { ...p256, x: `${p256.x}=` }],
    'with two keys of one name': [/same `kid`/, { ...p256, kid: 'a' }, { ...other, kid: 'a' }],
    'with a name that is no text': [/`kid`/, { ...p256, kid: 7 }],
    'without any key for signatures': [/no key/, { ...p256, use: 'enc' }, { ...rsa, key_ops: ['encrypt'] }, x25519],
    'with a key for another algorithm only': [/no key/, { ...p256, alg: 'HS256' }],
    'with more keys than any client has': [/24/, ...Array.from({ length: 25 }, () => p256)],
    'without keys': [/no key/],
  }
  for (const [name, [says, ...keys]] of Object.entries(cases)) test(name, () => assert.match(refusalOf(...keys), says))

  test('that is no set at all, or too large to read', () => {
    for (const text of ['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":[1]}', '{"keys":[null]}', '{"keys":[[]]}'])
      assert.equal(parseClientKeys(text).ok, false)
    const large = parseClientKeys(JSON.stringify({ keys: [p256], filler: 'x'.repeat(MAX_JWKS_BYTES) }))
    assert.match(large.ok ? '' : large.error, /bytes/)
  })
})

test('keys for other uses and of other kinds stand beside those that sign', () => {
  const keys = keysOf({ ...p256, kid: 'sig' }, { ...other, kid: 'enc', use: 'enc' }, { ...x25519, kid: 'x' })
  assert.deepEqual(
    keys.map(({ kid }) => kid),
    ['sig'],
  )
})

test('a signature names its key; without a name only the one that fits is taken, and never one of several', () => {
  const keys = keysOf({ ...p256, kid: 'a' }, { ...other, kid: 'b' }, { ...ed25519, kid: 'c' })
  assert.equal(selectClientKey(keys, { kid: 'b', alg: 'ES256' })?.kid, 'b')
  assert.equal(selectClientKey(keys, { alg: 'EdDSA' })?.kid, 'c')
  assert.equal(selectClientKey(keys, { alg: 'ES256' }), undefined)
  assert.equal(selectClientKey(keys, { kid: 'c', alg: 'ES256' }), undefined)
  assert.equal(selectClientKey(keys, { kid: 'd', alg: 'ES256' }), undefined)
  assert.equal(selectClientKey(keys, { kid: 'a', alg: 'none' }), undefined)
})

test('a modulus without the fingerprint of the ROCA generator is accepted, however close to one that has it', () => {
  assert.match(refusalOf({ ...rsa, n: base64url(rocaModulus()) }), /ROCA/)
  assert.equal(refusalOf({ ...rsa, n: base64url(rocaModulus() + 2n) }), 'accepted')
})
