import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { activeClaims } from './introspect.ts'

const NOW = 1_800_000_000
const question = { issuer: 'https://auth.example.com', hash: 'h', nowSeconds: NOW }
const right = { active: true, iss: question.issuer, exp: NOW + 60, nbf: NOW, token_type: 'Bearer', jti: 'j1' }

const mayBe: Readonly<Record<keyof typeof right, (value: unknown) => boolean>> = {
  active: (value) => value === true,
  iss: (value) => value === undefined || value === question.issuer,
  exp: (value) => typeof value === 'number' && value > NOW - 30,
  nbf: (value) => value === undefined || (typeof value === 'number' && value <= NOW + 30),
  token_type: (value) => value === undefined || (typeof value === 'string' && value.toLowerCase() === 'bearer'),
  jti: () => true,
}

test('an answer makes claims if and only if it says that the token is active here and now', () => {
  const member = fc.constantFrom(...(Object.keys(right) as (keyof typeof right)[]))
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom<unknown>(
      undefined,
      'true',
      1,
      NOW - 30,
      NOW - 31,
      NOW + 30,
      NOW + 31,
      NaN,
      'DPoP',
      'refresh_token',
    ),
  )
  fc.assert(
    fc.property(member, value, (name, value) => {
      const claims = activeClaims({ ...right, [name]: value }, question)
      assert.equal(claims !== undefined, mayBe[name](value), `${name}: ${inspect(value)}`)
    }),
    { numRuns: 1_000 },
  )
})

test('a token without an id is known by its hash, and one without an issuer is of the issuer that was asked', () => {
  const { jti: _, iss: __, ...rest } = right
  assert.deepEqual(activeClaims(rest, question), { ...rest, jti: 'h', iss: question.issuer })
})

test('what any answer makes is active, of this issuer, and has an end', () => {
  const members = fc.dictionary(fc.constantFrom(...Object.keys(right), 'cnf', '__proto__'), fc.jsonValue())
  fc.assert(
    fc.property(members, (answer) => {
      const claims = activeClaims(answer, question)
      assert.ok(claims === undefined || (claims['iss'] === question.issuer && typeof claims['exp'] === 'number'))
    }),
  )
})
