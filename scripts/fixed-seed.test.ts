import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('properties draw the cases of one seed, and of another one when told so', () => {
  const [first, again, other] = [drawn('1'), drawn('1'), drawn('2')]
  assert.match(first, /^\d+(,\d+)+$/)
  assert.equal(again, first)
  assert.notEqual(other, first)
})

test('a seed that is none is refused', () => assert.match(drawn('now'), /PERMITRY_TEST_SEED is a whole number/))

function drawn(seed: string): string {
  const script = `import fc from 'fast-check'
    const cases = []
    fc.assert(fc.property(fc.nat(), (n) => { cases.push(n) }), { numRuns: 9 })
    console.log(cases.join())`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', './scripts/fixed-seed.ts', '--input-type=module', '--eval', script],
    { cwd: new URL('..', import.meta.url), encoding: 'utf8', env: { ...process.env, PERMITRY_TEST_SEED: seed } },
  )
  return stdout.trim() || stderr
}
