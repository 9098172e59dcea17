import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { furtherScopes, inWords } from './scope-words.ts'

test('every scope of the clinic has words', () => {
  const yaml = readFileSync(join(import.meta.dirname, '../../../permitry.yaml'), 'utf8')
  const names = [...yaml.matchAll(/^ {6}- name: ([a-z-]+:[a-z]+)$/gm)].map(([, name = '']) => name)
  assert.ok(names.length >= 9)
  for (const name of names) {
    assert.ok(!inWords(name).words.includes(name), name)
    assert.equal(inWords(name).writes, name.endsWith(':write'), name)
  }
})

test('a scope that nobody described is shown as it is, and counts as one that changes', () => {
  assert.deepEqual(inWords('admin:all'), { name: 'admin:all', words: 'use “admin:all”', writes: true })
})

test('who may see appointments can be asked about booking at once; nobody is asked for medical records', () => {
  assert.deepEqual(furtherScopes(['appointments:read'], []), ['appointments:write'])
  assert.deepEqual(furtherScopes(['appointments:read'], ['appointments:write']), [])
  assert.deepEqual(furtherScopes(['pet-profile:read', 'knowledge:read', 'appointments:write'], []), [])
})
