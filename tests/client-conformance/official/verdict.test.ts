import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Check, faultsOf, type ScenarioResult, scenariosOf, verdictOf } from './verdict.ts'

const seen: Check = { id: 'a', status: 'SUCCESS' }
const result = (more: Partial<ScenarioResult>): ScenarioResult => ({
  scenario: 'auth/x',
  revision: '2026-07-28',
  code: 0,
  checks: [seen],
  output: '',
  ...more,
})

test('client scenarios are read from the list, and those of servers and extensions are not', () => {
  const list =
    'Required\n\nServer scenarios (test against a server):\n  - ping\n\nClient scenarios (test against a client):\n' +
    '  - tools_call\n  - auth/metadata-default\n\nRun and reported, but never scored:\n  extension (1):\n    - auth/dpop [client]\n'
  assert.deepEqual(scenariosOf(list), ['tools_call', 'auth/metadata-default'])
  assert.deepEqual(scenariosOf('nothing'), [])
})

for (const [what, more] of [
  ['that checked nothing', { checks: [] }],
  ['that only informs', { checks: [{ id: 'a', status: 'INFO' }] }],
  ['with a failure', { checks: [seen, { id: 'b', status: 'FAILURE' }] }],
  ['with a warning', { checks: [seen, { id: 'b', status: 'WARNING' }] }],
  ['whose client failed', { code: 1 }],
] as const) {
  test(`a scenario ${what} did not pass`, () => {
    assert.notDeepEqual(faultsOf(result(more)), [])
    assert.equal(verdictOf([result({}), result(more)], ['2026-07-28']).passed, false)
  })
}

test('nothing at all, or nothing of one revision, is a failure', () => {
  assert.equal(verdictOf([], ['2026-07-28']).passed, false)
  assert.equal(verdictOf([result({})], ['2026-07-28', '2025-11-25']).passed, false)
  assert.equal(verdictOf([result({})], ['2026-07-28']).passed, true)
})
