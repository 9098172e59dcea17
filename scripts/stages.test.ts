import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runStages } from './stages.ts'
import type { Stage } from './stages.ts'

const check = (name: string, command: string): Stage => ({ name, command, runsTests: false })
const tests = (name: string, command: string): Stage => ({ name, command, runsTests: true })

async function run(stages: Stage[], budgetSeconds = 60): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = []
  const { ok } = await runStages(stages, budgetSeconds, (line) => lines.push(...line.split('\n')))
  return { ok, lines }
}

test('verdicts of all runners are added up, and the sum is the last line', async () => {
  const { ok, lines } = await run([
    check('lint', 'echo clean'),
    tests('unit', 'echo "3 passed, 0 failed, 1 skipped"'),
    tests('suites', 'echo "4 passed, 0 failed, 0 skipped"'),
  ])
  assert.equal(ok, true)
  assert.equal(lines.at(-1), '7 passed, 0 failed, 1 skipped')
  assert.equal(lines.filter((line) => line.includes('passed,')).length, 1)
  assert.ok(lines.includes('clean'))
})

test('a failing stage fails the run, and the later stages still tell their faults', async () => {
  const { ok, lines } = await run([
    check('lint', 'echo dirty >&2; exit 3'),
    tests('unit', 'echo "2 passed, 1 failed, 0 skipped"; exit 1'),
  ])
  assert.equal(ok, false)
  assert.ok(lines.includes('dirty'))
  assert.equal(lines.at(-1), '2 passed, 2 failed, 0 skipped')
})

test('a test stage that saw no test fails', async () => {
  const { ok, lines } = await run([tests('unit', 'echo "0 passed, 0 failed, 5 skipped"')])
  assert.equal(ok, false)
  assert.ok(lines.includes('✖ unit ran no test'))
  assert.equal(lines.at(-1), '0 passed, 1 failed, 5 skipped')
})

test('a test stage that crashes before its verdict fails', async () => {
  assert.equal((await run([tests('unit', 'exit 1')])).ok, false)
})

test('a run over its budget passes with a warning', async () => {
  const { ok, lines } = await run([check('lint', 'echo clean')], 0)
  assert.equal(ok, true)
  assert.ok(lines.some((line) => line.startsWith('WARNING: ')))
})
