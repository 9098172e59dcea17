import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { guardMutants } from './guard-mutants.ts'
import { checksModules, findMutants, suitesFor } from './mutants.ts'
import { killerOf } from './mutate.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const suite = join(fixtures, 'fixtures.suite.ts')

test('each row of an exported checks table is a mutant, and other arrays are not', async () => {
  const [module = ''] = checksModules([fixtures])
  assert.equal(module, pathToFileURL(join(fixtures, 'checks.ts')).href)
  const mutants = await findMutants(module)
  assert.deepEqual(
    mutants.map(({ room, table, row, source }) => [room, table, row, source]),
    [
      ['fixtures', 'fixtureChecks', 'not-empty', 'a rule'],
      ['fixtures', 'fixtureChecks', 'not-long', 'another rule'],
    ],
  )
})

test('the authorization server has checks tables with rows to take out', async () => {
  const mutants = (await Promise.all(checksModules().map((module) => findMutants(module)))).flat()
  const tables = new Set(mutants.map(({ room, table }) => `${room}/${table}`))
  for (const table of ['authorize/redirectChecks', 'token/codeChecks', 'token/clientAuthenticationChecks']) {
    assert.ok(tables.has(table), table)
  }
  assert.ok(mutants.length > 20)
})

test('a row that is taken out turns the test that is named after it red, and one that nobody misses survives', async () => {
  const [module = ''] = checksModules([fixtures])
  const [missed, unmissed] = await findMutants(module)
  assert.equal(await killerOf(missed!, [suite]), 'AS-1: an empty text is refused')
  assert.equal(await killerOf(unmissed!, [suite]), undefined)
})

test('a row that cannot be taken out is an error and not a success', async () => {
  const [module = ''] = checksModules([fixtures])
  const [mutant] = await findMutants(module)
  await assert.rejects(killerOf({ ...mutant!, row: 'renamed' }, [suite]), /did not run/)
})

test('the suites of a room come before the others, and first those that share a word with the table', () => {
  const mutant = { module: '', room: 'token', table: 'refreshChecks', row: '', source: '' }
  const [code, discovery, refresh] = ['/token-code.test.ts', '/discovery.test.ts', '/token-refresh.test.ts']
  assert.deepEqual(suitesFor(mutant, [code, discovery, refresh]), [[refresh, code], [discovery]])
})

test('each check of the guard that is taken out stands once in its file', () => {
  assert.ok(guardMutants.length > 30)
  for (const { module, row, edit } of guardMutants) {
    assert.equal(readFileSync(new URL(module), 'utf8').split(edit?.from ?? '').length, 2, `${module}: ${row}`)
  }
})
