// That the benchmarks still measure: each runs for a moment, and what it says then is no figure. `npm run bench:check`.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')

for (const [file, ratio] of [
  ['bench/guard.ts', 'guard/bare'],
  ['bench/gateway.ts', 'gateway/proxy'],
] as const) {
  test(`${file} calls a tool through each of its servers, and ends with ${ratio}=N`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, '1', '100'], { cwd: root })
    const last = stdout.trimEnd().split('\n').at(-1) ?? ''
    assert.match(last, new RegExp(`^${ratio}=\\d+\\.\\d\\d$`))
    assert.ok(Number(last.split('=')[1]) > 0)
    assert.equal(stderr, '')
  })
}
