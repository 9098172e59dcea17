import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from './deep-freeze.ts'

test('freezing reaches everything, and leaves what is frozen alone', () => {
  const value = deepFreeze({ a: [{ b: { c: 1 } }] })
  assert.ok(Object.isFrozen(value.a[0]?.b))
  assert.equal(deepFreeze('text'), 'text')
})
