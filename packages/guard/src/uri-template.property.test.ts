import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOptions } from './settings.ts'
import { isSlowTemplate, matchTemplates } from './uri-template.ts'

const part = fc.constantFrom('pet://', '/', '-', '.', 'photo', '?q=', '$', '(', '|')
const variable = fc.constantFrom('a', 'b', '_c')
const template = fc
  .array(
    fc.oneof(
      part,
      variable.map((name) => `{${name}}`),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))
const uri = fc.string({
  unit: fc.constantFrom('pet://', '/', '-', '.', 'photo', '?q=', '$', '(', '|', 'x', '\n', '{a}'),
})

/** RFC 6570 level 1, without escaping. */
const expand = (template: string, variables: Readonly<Record<string, string>>) =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => variables[name] ?? '')

test('what is found gives the URI again when it is filled in, and no variable is empty or crosses a slash', () => {
  fc.assert(
    fc.property(fc.array(template, { maxLength: 4 }), uri, (keys, uri) => {
      const found = matchTemplates(keys)(uri)
      if (!found) return
      const names = [...found.key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      // A name that stands twice has one value only, which need not be the one at each place.
      if (new Set(names).size < names.length) return
      assert.ok(found.key === uri || expand(found.key, found.variables) === uri)
      for (const value of Object.values(found.variables)) assert.match(value, /^[^/]+$/s)
    }),
    { numRuns: 1000 },
  )
})

test('a template that is filled in is found, by itself or by one before it; a key that is the URI itself comes first', () => {
  const value = fc.stringMatching(/^[^/]+$/)
  fc.assert(
    fc.property(
      fc.array(template, { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      value,
      value,
      value,
      (keys, index, a, b, _c) => {
        const key = keys[index % keys.length] ?? ''
        const uri = expand(key, { a, b, _c })
        const found = matchTemplates(keys)(uri)
        assert.ok(found, uri)
        if (keys.includes(uri)) assert.deepEqual(found, { key: uri, variables: {} })
        else assert.ok(keys.indexOf(found.key) <= keys.indexOf(key))
      },
    ),
    { numRuns: 500 },
  )
})

test('a URI that was made to be slow is soon answered, and a template that would be is refused', () => {
  const match = matchTemplates(['a{b}{c}x', '{a}-{b}/{c}-{d}/{e}-{f}/', 'pet://{a}.{b}/{c}.{d}!'])
  for (const unit of ['a', '-', 'a-', 'ax', '----/']) {
    const before = performance.now()
    match(unit.repeat(2048 / unit.length))
    match(unit.repeat(1_000_000))
    assert.ok(performance.now() - before < 2000, unit)
  }
  const before = performance.now()
  match(Array.from({ length: 3 }, () => '-'.repeat(680)).join('/'))
  assert.ok(performance.now() - before < 2000)
  for (const [key, isSlow] of Object.entries({ '{a}{b}{c}': true, 'x/{a}-{b}.{c}/y': true, '{a}{b}/{c}': false }))
    assert.equal(isSlowTemplate(key), isSlow, key)
  const options = {
    issuer: 'https://auth.example.com',
    resource: 'https://mcp.vet.example/mcp',
    defaultScopes: [],
    tools: {},
  }
  assert.throws(() => readOptions({ ...options, resources: { 'pet://{a}{b}{c}': [] } }), /two variables/)
})
