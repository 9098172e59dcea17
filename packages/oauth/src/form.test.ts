import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseForm } from './form.ts'

function form(text: string, repeatable: string[] = ['resource']) {
  const result = parseForm(text, { repeatable })
  assert.ok(result.ok, text)
  return result.value
}

test('names and values are decoded', () => {
  assert.equal(form('scope=a+b%2Bc&x%20y=%F0%9F%A6%B4').values['scope'], 'a b+c')
  assert.equal(form('x+y=%F0%9F%A6%B4').values['x y'], '🦴')
  assert.equal(form('a=b=c').values['a'], 'b=c')
})

test('a parameter without a value counts as not sent', () => {
  assert.deepEqual({ ...form('scope=&state&&a=1').values }, { a: '1' })
})

test('of a repeated parameter neither value counts, and its name is reported once', () => {
  const { values, repeated } = form('a=1&b=2&a=1&a=3')
  assert.deepEqual({ ...values }, { b: '2' })
  assert.deepEqual(repeated, ['a'])
  assert.deepEqual(form('a=&a=1').repeated, ['a'])
  assert.deepEqual(form('%61=1&a=1').repeated, ['a'])
})

test('a repeatable parameter keeps its values in order and is in no other place', () => {
  const { lists, values, repeated } = form('resource=x&resource=&resource=y')
  assert.deepEqual(lists['resource'], ['x', 'y'])
  assert.deepEqual([{ ...values }, repeated], [{}, []])
  assert.deepEqual(form('a=1').lists['resource'], [])
})

test('names of Object.prototype are only names', () => {
  const { values } = form('__proto__=x')
  assert.equal(values['__proto__'], 'x')
  assert.equal(values['constructor'], undefined)
})

test('malformed percent-encoding and broken UTF-8 are refused', () => {
  for (const bad of ['a=%', 'a=%zz', '%ff=a', 'a=%c3', 'a=%ed%a0%80']) assert.ok(!parseForm(bad).ok, bad)
})

test('NUL is refused, in names and in values', () => {
  for (const bad of ['a=%00', '%00=a', 'a=x%00y', 'a=x\0']) assert.ok(!parseForm(bad).ok, bad)
})

test('length and number of parameters are bounded', () => {
  assert.ok(parseForm('a=1', { maxCharacters: 3 }).ok)
  assert.ok(!parseForm('a=12', { maxCharacters: 3 }).ok)
  assert.ok(!parseForm('a&b&c', { maxParameters: 2 }).ok)
})

test('what is written by URLSearchParams is read back', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 })),
      (record) => {
        assert.deepEqual({ ...form(new URLSearchParams(record).toString(), []).values }, { ...record })
      },
    ),
  )
})
