import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

/** Runs the guard at the door in a process that believes to be the given version. */
function runAs(version: string) {
  const script = JSON.stringify(join(import.meta.dirname, 'require-node.mjs'))
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`
  return spawnSync(process.execPath, ['--input-type=module', '-e', `${pretend}; await import(${script})`], {
    encoding: 'utf8',
  })
}

test('a Node that is too old gets one sentence that says what to do', () => {
  const { status, stderr } = runAs('20.20.2')
  assert.equal(status, 1)
  assert.match(stderr, /^permitry runs on Node 26, .* this is Node 20\.20\.2: run `npm ci`.*\n$/)
})

test('the pinned Node passes without a word', () => {
  const { status, stdout, stderr } = runAs('26.10.0')
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
})
