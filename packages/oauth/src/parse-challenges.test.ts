import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseChallenges } from './parse-challenges.ts'

function parsed(header: string): unknown {
  const result = parseChallenges(header)
  assert.ok(result.ok, header)
  return result.value.map(({ scheme, token68, parameters }) => [scheme, token68 ?? Object.fromEntries(parameters)])
}

test('several challenges in one header are told apart', () => {
  assert.deepEqual(parsed('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'), [
    ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ['basic', { realm: 'simple' }],
  ])
  assert.deepEqual(
    parsed('Bearer, DPoP algs="ES256 EdDSA", Negotiate, Negotiate a87421000492aa874209af8bc028==, Basic realm=x'),
    [
      ['bearer', {}],
      ['dpop', { algs: 'ES256 EdDSA' }],
      ['negotiate', {}],
      ['negotiate', 'a87421000492aa874209af8bc028=='],
      ['basic', { realm: 'x' }],
    ],
  )
})

test('white space, empty list members and letter case do not matter', () => {
  assert.deepEqual(parsed(' ,, BEARER  Error = "invalid_token" ,\t, Scope="a b" , '), [
    ['bearer', { error: 'invalid_token', scope: 'a b' }],
  ])
  assert.deepEqual(parsed(''), [])
})

test('commas, schemes and equals signs inside quotes are only text', () => {
  assert.deepEqual(parsed('Bearer error_description="a, Basic realm=\\\\b"'), [
    ['bearer', { error_description: 'a, Basic realm=\\b' }],
  ])
})

test('a parameter named like a part of Object.prototype is only a name', () => {
  const result = parseChallenges('Bearer __proto__="x", constructor="y"')
  assert.ok(result.ok)
  assert.equal(result.value[0]?.parameters.get('__proto__'), 'x')
})

test('a malformed header fails as a whole', () => {
  for (const header of [
    'Bearer error="invalid_token',
    'Bearer error="a\\"',
    'Bearer error="a", scope=',
    'Bearer error=,scope="a" x',
    'Bearer error="a" scope="b"',
    'Bearer error="a", error="b"',
    'Bearer error="a", ERROR="b"',
    'Bearer a b',
    'Bearer "a"',
    '="a"',
    '"a"',
    'Bearer error="a\nb"',
    'Bearer error="a"; scope="b"',
  ]) {
    assert.ok(!parseChallenges(header).ok, header)
  }
})

test('any header ends in a result, and a long one ends soon', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '=', '"', '\\', ',', ' ', 'Bearer', '\t') }),
      (text) => void parseChallenges(text),
    ),
  )
  for (const unit of ['a', ' ', ',', '=', 'a=', '\\', 'a ', 'a,', 'a="', ' ,']) {
    const before = performance.now()
    parseChallenges(`Bearer ${unit.repeat(20_000)}x`)
    assert.ok(performance.now() - before < 1000, unit)
  }
})
