import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equalInConstantTime } from './constant-time.ts'

test('strings are equal only when every character is', () => {
  assert.ok(equalInConstantTime('', ''))
  assert.ok(equalInConstantTime('abc', 'abc'))
  for (const other of ['abd', 'bbc', 'ab', 'abcd', '']) assert.ok(!equalInConstantTime('abc', other), other)
})
