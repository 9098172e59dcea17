import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileConditions } from './conditions.ts'
import type { ArgumentCondition } from './schema.ts'

/** What a model is told of arguments under one condition on `a`. */
function told(condition: Partial<ArgumentCondition>, args: Record<string, unknown>): true | string | undefined {
  return compileConditions({ arguments: { a: { optional: false, ...condition } } })?.(args)
}

const cases: readonly (readonly [Partial<ArgumentCondition>, fits: readonly unknown[], doesNot: readonly unknown[]])[] =
  [
    [{ one_of: ['x', 2, true] }, ['x', 2, true, ['x', 2], []], ['X', '2', 'true', 3, null, ['x', 3], { 0: 'x' }]],
    [{ matches: 'a/*' }, ['a/b', 'a/', ['a/b', 'a/c']], ['a', 'a/b/c', 'a/..', 'b', 1, null, ['a/b', 1]]],
    [{ min: 0, max: 10 }, [0, 10, [1, 2]], [-1, 11, '5', null, true, [1, 11]]],
    [{ max_length: 2 }, ['', 'ab', [1, 2]], ['abc', [1, 2, 3], 1, null, {}]],
  ]

for (const [condition, fits, doesNot] of cases) {
  const name = JSON.stringify(condition)
  test(`${name} lets through what fits, and refuses everything else, of another type too`, () => {
    for (const value of fits) assert.equal(told(condition, { a: value }), true, JSON.stringify(value))
    for (const value of doesNot) assert.match(String(told(condition, { a: value })), /^`a` must/, JSON.stringify(value))
  })
}

test('an argument that is missing is refused unless it is optional', () => {
  assert.equal(told({ max: 1 }, {}), '`a` is needed')
  assert.equal(told({ max: 1, optional: true }, {}), true)
  assert.equal(told({ max: 1, optional: true }, { a: 2 }), '`a` must be a number of at most 1')
})

test('a name with dots looks inside, and never at what an object inherits', () => {
  const check = compileConditions({
    arguments: {
      'page.size': { max: 5, optional: false },
      'page.constructor.name': { one_of: ['Object'], optional: true },
    },
  })
  assert.equal(check?.({ page: { size: 5 } }), true)
  assert.equal(check?.({ page: { size: 6 } }), '`page.size` must be a number of at most 5')
  assert.equal(check?.({ page: [5] }), '`page.size` is needed')
  assert.equal(check?.({ 'page.size': 5 }), '`page.size` is needed')
})

test('a model is told every fault, or the sentence that the rule has for it', () => {
  const conditions = { a: { one_of: ['x', 'y', 'z'], optional: false }, b: { min: 1, max: 2, optional: false } }
  assert.equal(
    compileConditions({ arguments: conditions })?.({ a: 'q', b: 3 }),
    '`a` must be x, y or z; `b` must be a number of at most 2',
  )
  assert.equal(compileConditions({ arguments: conditions, otherwise: 'ask for x' })?.({}), 'ask for x')
  assert.equal(compileConditions({ arguments: {} }), undefined)
})
