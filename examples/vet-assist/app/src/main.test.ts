import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('a setting that cannot be used ends the app with one sentence that names it', () => {
  for (const [name, value] of [
    ['ASSISTANT_MODEL', 'gpt-4'],
    ['VETASSIST_APP_PORT', 'abc'],
  ] as const) {
    const env = { ...process.env, [name]: value }
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts')], { env })
    assert.equal(status, 1)
    assert.match(stderr.toString(), new RegExp(`^${name} must be [^\\n]*not \`${value}\`\\n$`))
  }
})
