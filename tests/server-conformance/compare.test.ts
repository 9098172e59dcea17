import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, faultsOf } from './compare.ts'
import type { Check } from './suite.ts'

const check = (id: string, status: Check['status'] = 'SUCCESS', scenario = 'ping'): Check => ({ scenario, id, status })

test('two runs with the same checks and results are the same, in whatever order they come', () => {
  const bare = [check('a'), check('b', 'FAILURE'), check('a', 'SUCCESS', 'caching')]
  assert.deepEqual(faultsOf(bare, bare.toReversed()), [])
})

for (const [what, behind] of [
  ['came out worse', [check('a', 'FAILURE'), check('b')]],
  ['came out better', [check('a'), check('b', 'SUCCESS'), check('c', 'INFO')]],
  ['is missing', [check('a')]],
] as const) {
  test(`a check that ${what} is a difference`, () => {
    assert.equal(differences([check('a'), check('b')], behind).length, 1)
    assert.equal(faultsOf([check('a'), check('b')], behind).length, 1)
  })
}

test('a check that is made twice is compared twice', () => {
  assert.equal(differences([check('a'), check('a')], [check('a'), check('a', 'WARNING')]).length, 1)
  assert.equal(differences([check('a'), check('a')], [check('a')]).length, 1)
})

test('a run in which nothing succeeded proves nothing', () => {
  assert.deepEqual(faultsOf([check('a', 'FAILURE')], [check('a', 'FAILURE')]), [
    'no check succeeded without anything in front',
  ])
  assert.notDeepEqual(faultsOf([], []), [])
})
