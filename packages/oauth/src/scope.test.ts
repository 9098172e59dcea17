import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  formatScope,
  intersectScopes,
  isScopeToken,
  missingScopes,
  parseScope,
  scopeClosure,
  unionScopes,
} from './scope.ts'

const token = fc.stringMatching(/^[!#-[\]-~]{1,12}$/)
const hierarchy = fc.dictionary(token, fc.array(token, { maxLength: 4 }), { maxKeys: 8 })

test('scopes keep their order and lose their duplicates', () => {
  assert.deepEqual(parseScope('b a b pet-profile:read'), { ok: true, value: ['b', 'a', 'pet-profile:read'] })
})

test('an empty scope is no scope, and runs of spaces are tolerated', () => {
  assert.deepEqual(parseScope(''), { ok: true, value: [] })
  assert.deepEqual(parseScope('  a   b '), { ok: true, value: ['a', 'b'] })
})

test('characters outside RFC 6749 are refused, other white space included', () => {
  for (const bad of ['a\tb', 'a\nb', 'a"b', 'a\\b', 'é', 'a\u00a0b', 'a\u0000']) {
    assert.ok(!parseScope(bad).ok, JSON.stringify(bad))
    assert.ok(!isScopeToken(bad), JSON.stringify(bad))
  }
})

test('what is formatted parses to the same scopes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(token), (scopes) => {
      assert.deepEqual(parseScope(formatScope(scopes)), { ok: true, value: scopes })
    }),
  )
})

test('a closure follows what is implied by what is implied, and survives a cycle', () => {
  const levels = { admin: ['write'], write: ['read'], read: ['admin'] }
  assert.deepEqual(scopeClosure(['write', 'other'], levels), ['write', 'other', 'read', 'admin'])
})

test('scope names that live on Object.prototype imply nothing', () => {
  assert.deepEqual(scopeClosure(['constructor', '__proto__', 'toString'], {}), ['constructor', '__proto__', 'toString'])
})

test('closing a closure adds nothing, and a closure loses nothing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(token), hierarchy, (scopes, levels) => {
      const closed = scopeClosure(scopes, levels)
      assert.deepEqual(scopeClosure(closed, levels), closed)
      assert.deepEqual(missingScopes(closed, scopes, levels), [])
    }),
  )
})

test('missing scopes are those that nothing granted carries', () => {
  const levels = { write: ['read'] }
  assert.deepEqual(missingScopes(['read'], ['write'], levels), [])
  assert.deepEqual(missingScopes(['write', 'read', 'write'], ['read'], levels), ['write'])
  assert.deepEqual(missingScopes(['read'], []), ['read'])
  assert.deepEqual(missingScopes([], []), [])
})

test('an intersection never exceeds either side and a union never loses one', () => {
  fc.assert(
    fc.property(fc.array(token), fc.array(token), (a, b) => {
      assert.deepEqual(new Set(intersectScopes(a, b)), new Set(a.filter((scope) => b.includes(scope))))
      assert.deepEqual(new Set(unionScopes(a, b)), new Set([...a, ...b]))
      assert.equal(unionScopes(a, b).length, new Set([...a, ...b]).size)
    }),
  )
})
