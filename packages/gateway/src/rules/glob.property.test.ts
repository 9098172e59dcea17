import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { matchesGlob } from './glob.ts'

const symbol = fc.constantFrom('*', '**', '?', 'a', 'b', '/', '.', '😀')
const pattern = fc.array(symbol, { maxLength: 8 }).map((parts) => parts.join(''))
const subject = fc.array(fc.constantFrom('a', 'b', '/', '.', '😀'), { maxLength: 8 }).map((parts) => parts.join(''))

/** The same by a regular expression, whose slowness does not matter here. */
function byRegExp(glob: string, text: string): boolean {
  if (text.split('/').some((segment) => segment === '.' || segment === '..')) return false
  const source = glob.replaceAll(
    /\*\*|\*|\?|[.]/g,
    (part) => ({ '**': '.*', '*': '[^/]*', '?': '[^/]', '.': '\\.' })[part] ?? '',
  )
  return new RegExp(`^${source}$`, 'su').test(text)
}

test('a pattern matches what the regular expression of the same meaning matches', () => {
  fc.assert(
    fc.property(pattern, subject, (glob, text) => {
      assert.equal(matchesGlob(glob, text), byRegExp(glob, text))
    }),
    { numRuns: 3000 },
  )
})

test('no text makes a pattern slow', () => {
  const started = performance.now()
  assert.equal(matchesGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(20_000)), false)
  // A regular expression would be at it when the sun is gone; the bound is for slow machines.
  assert.ok(performance.now() - started < 20_000)
})

test('nothing leads out of a folder', () => {
  for (const text of ['a/../b', '../a', 'a/..', '..', 'a/./b', 'a\\..\\b', '.'])
    for (const glob of ['**', 'a/**', '*', '?', text]) assert.equal(matchesGlob(glob, text), false, `${glob} ${text}`)
  assert.equal(matchesGlob('**', 'a/..b/.c'), true)
})
