import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

/** Runs one file under `node --test` with our reporter and answers with what a person would read. */
function runFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-reporter-'))
  try {
    writeFileSync(join(folder, 'sample.test.mjs'), text)
    const reporter = join(import.meta.dirname, 'reporter.ts')
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const args = ['--test', `--test-reporter=${reporter}`, 'sample.test.mjs']
    return spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const lastLine = (output: string) => output.trimEnd().split('\n').at(-1)

test('the last line of a run is its verdict', () => {
  const output = runFile(`
    import { test } from 'node:test'
    test('works', () => {})
    test('waits', { skip: 'needs a rocket' }, () => {})
    test('planned', { todo: true }, () => {})
  `)
  assert.equal(lastLine(output), '1 passed, 0 failed, 2 skipped')
  assert.match(output, /1 skipped: needs a rocket\n {4}sample\.test\.mjs/)
})

test('a failing test is shown with its error, once, and with what its file printed', () => {
  const output = runFile(`
    import { describe, it } from 'node:test'
    describe('outer', () => it('breaks', () => { console.log('a hint'); throw new Error('the reason') }))
  `)
  assert.equal(output.match(/the reason/g)?.length, 1)
  assert.match(output, /sample\.test\.mjs:3 breaks/)
  assert.match(output, /printed:\n {4}a hint/)
  assert.equal(lastLine(output), '0 passed, 1 failed, 0 skipped')
})

test('a file that crashes is a failure', () => {
  const output = runFile("throw new Error('the reason')")
  assert.match(output, /the reason/)
  assert.equal(lastLine(output), '0 passed, 1 failed, 0 skipped')
})

test('a file without a test is a failure', () => {
  assert.equal(lastLine(runFile('export {}')), '0 passed, 1 failed, 0 skipped')
})
