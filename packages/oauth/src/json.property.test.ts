import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseStrictJson } from './json.ts'

const runs = { numRuns: 500 }

/** Few names, so that they repeat, and some that only look different. */
const key = fc.constantFrom('a', 'b', '"', '\\', '\u00e9', '__proto__', 'constructor', ': "a"', '{"a":')

/** A name as a writer may spell it: any character as an escape. */
function spell(name: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(name)
  return `"${Array.from(name, (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
}

test('a value without a key of evil survives being written and read', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!text.includes('__proto__'))
      assert.deepEqual(parseStrictJson(text), { ok: true, value: JSON.parse(text) })
    }),
    runs,
  )
})

test('an object is read exactly when no name stands twice, however each is spelled and wherever the object is', () => {
  const members = fc.array(fc.tuple(key, fc.boolean(), fc.constantFrom(' ', '', '\n\t')), { maxLength: 5 })
  fc.assert(
    fc.property(
      members,
      fc.constantFrom('#', '[1,#]', '{"z":[{"a":0},#]}', '[{"a":{}},#,{"b":1}]'),
      (entries, around) => {
        const object = `{${entries.map(([name, escaped, space]) => `${spell(name, escaped)}${space}:"a"`).join(',')}}`
        const names = entries.map(([name]) => name)
        const isPlain = new Set(names).size === names.length && !names.includes('__proto__')
        assert.equal(parseStrictJson(around.replace('#', () => object)).ok, isPlain, object)
      },
    ),
    runs,
  )
})

test('whatever comes, the answer is a result, and nothing is read that is no JSON', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', 'null', ' ', '\u0000', '\ud800')
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: pieces }), fc.json(), fc.string({ unit: 'binary' })), (text) => {
      const result = parseStrictJson(text)
      if (result.ok) assert.deepEqual(result.value, JSON.parse(text))
    }),
    runs,
  )
})

test('depth is bounded, and a long text takes no more than its length', () => {
  assert.ok(parseStrictJson(`${'['.repeat(64)}${']'.repeat(64)}`).ok)
  assert.ok(!parseStrictJson(`${'['.repeat(65)}${']'.repeat(65)}`).ok)
  assert.ok(!parseStrictJson('['.repeat(100_000)).ok)
  const before = performance.now()
  assert.ok(
    parseStrictJson(JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [n, '\\"'])))).ok,
  )
  assert.ok(performance.now() - before < 2000)
})
