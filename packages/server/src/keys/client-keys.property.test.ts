import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { importJWK } from 'jose'
import { parseClientKeys, selectClientKey } from './client-keys.ts'

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const coordinate = fc.oneof(fc.constantFrom(p256.x, p256.y, ed25519.x, '', 'A', '='), fc.base64String())

const jwk = fc.record(
  {
    kty: fc.constantFrom('EC', 'OKP', 'RSA', 'oct', 'x', null),
    crv: fc.constantFrom('P-256', 'P-384', 'Ed25519', 'X25519', 'toString', 1),
    x: coordinate,
    y: coordinate,
    n: fc.base64String(),
    e: fc.constantFrom('AQAB', 'Aw', '', 3),
    kid: fc.oneof(fc.constantFrom('a', 'b', ''), fc.jsonValue({ maxDepth: 1 })),
    use: fc.constantFrom('sig', 'enc', 1),
    alg: fc.constantFrom('ES256', 'none', 'HS256', 'EdDSA', 1),
    key_ops: fc.constantFrom(['verify'], ['sign'], 'verify'),
    d: fc.string(),
  },
  { requiredKeys: ['kty'] },
)
const right = fc.constantFrom({ ...p256, kid: 'right' }, { ...ed25519, kid: 'right', x5u: 'https://evil.example' })

test('a set is refused, or has public keys alone, which jose takes for the algorithms that they are listed with', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(jwk, right), { maxLength: 3 }), async (keys) => {
      const read = parseClientKeys(JSON.stringify({ keys }))
      if (!read.ok) return
      assert.ok(!keys.some((key) => 'd' in key || key.kty === 'oct'))
      for (const { jwk, algs, kid } of read.value) {
        assert.ok(Object.keys(jwk).every((member) => ['kty', 'crv', 'x', 'y', 'n', 'e'].includes(member)))
        for (const alg of algs) {
          const key = await importJWK(jwk, alg)
          assert.ok(!(key instanceof Uint8Array) && key.type === 'public')
          // Found by its name, and never in the place of another.
          assert.ok(kid === undefined || selectClientKey(read.value, { kid, alg })?.kid === kid)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('any text is a set or a sentence', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.array(fc.jsonValue()).map((keys) => JSON.stringify({ keys })),
      ),
      (text) => {
        const read = parseClientKeys(text)
        assert.ok(read.ok ? read.value.length > 0 : read.error.length > 0)
      },
    ),
    { numRuns: 500 },
  )
})
