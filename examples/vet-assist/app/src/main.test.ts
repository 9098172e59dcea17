import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A start with variables that cannot be used: it ends before it opens a port or a file. */
function start(variables: Record<string, string>): { status: number | null; said: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, [...process.execArgv, MAIN], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_OPTIONS: process.env['NODE_OPTIONS'], ...variables },
  })
  return { status, said: stdout + stderr }
}

test('a model without its key, a key without its model, and a port that is none: one sentence each, and no start', () => {
  const anthropic = start({ ASSISTANT_MODEL: 'anthropic/claude-x' })
  assert.deepEqual(anthropic, { status: 1, said: 'ASSISTANT_MODEL names an Anthropic model: set ANTHROPIC_API_KEY\n' })
  const key = start({ ASSISTANT_API_KEY: 'sk-never-to-be-seen' })
  assert.match(key.said, /^ASSISTANT_API_KEY is set, but ASSISTANT_MODEL names no endpoint .*\n$/)
  assert.equal(key.status, 1)
  assert.match(start({ ASSISTANT_MODEL: 'gpt-4' }).said, /^ASSISTANT_MODEL must be [^\n]*\n$/)
  assert.match(start({ VETASSIST_APP_PORT: 'x' }).said, /^VETASSIST_APP_PORT must be a port, not `x`\n$/)
})
