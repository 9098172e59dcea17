import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { parseDocument } from './document.ts'
import { expand } from './expand.ts'
import { loadConfig } from './load.ts'

const nothing = { environment: {}, readFile: () => ({ problem: 'is not there' }) }
const piece = fc.constantFrom(
  'a',
  ':',
  ' ',
  '\n',
  '-',
  '[',
  ']',
  '{',
  '}',
  '"',
  '&x',
  '*x',
  '!t',
  '|',
  '>',
  '#',
  '---',
  '\t',
  '${A}',
  'version: 1\n',
  'issuer',
  '%',
)

test('any text is a configuration or a list of faults, each with a place in the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: piece }), fc.string({ unit: 'binary' })), (text) => {
      const result = loadConfig(text, nothing)
      if (result.ok) return
      assert.ok(result.error.length > 0)
      for (const { line, column, message } of result.error)
        assert.ok(line >= 1 && column >= 1 && line <= text.split(/\r\n|\r|\n/).length + 1 && message !== '')
    }),
    { numRuns: 500 },
  )
})

test('a document is read as it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      fc.pre(!JSON.stringify(value).includes('"__proto__"'))
      // Anchors, which the library writes for what stands twice, are not read here.
      const document = parseDocument(stringify(plain, { aliasDuplicateObjects: false }))
      assert.deepEqual(document.faults, [])
      assert.deepEqual(document.yaml?.toJS(), plain)
    }),
    { numRuns: 300 },
  )
})

const hostile = fc.constantFrom('plain', '${file:/etc/passwd}', '$${A}', '${B}', ': x', '\n- y', '"')

test('what comes from the environment is text: it is neither expanded again nor read as YAML', () => {
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      const sources = { environment: { A: a, B: b }, readFile: () => assert.fail('a file was read') }
      const document = parseDocument('one: "<${A}|${B}|${C:-c}|$${A}>"\n${A}: key\n')
      assert.deepEqual(expand(document, sources), [])
      assert.deepEqual(document.yaml?.toJS(), { one: `<${a}|${b}|c|\${A}>`, '${A}': 'key' })
    }),
    { numRuns: 200 },
  )
})

test('text without an expansion stays, and one that cannot be expanded is a fault', () => {
  const part = fc.constantFrom('$', '{', '}', '${', 'A', 'file:', ':-', '$$', ' ')
  fc.assert(
    fc.property(fc.string({ unit: part }), (text) => {
      const document = parseDocument(`one: ${JSON.stringify(text)}`)
      const faults = expand(document, nothing)
      assert.ok(document.yaml)
      const { one: value } = document.yaml.toJS() as { one: string }
      if (!text.includes('${')) assert.deepEqual([value, faults.length], [text, 0])
      else if (faults.length === 0) assert.ok(!value.includes('${') || /\$\$\{|:-/.test(text), text)
    }),
    { numRuns: 500 },
  )
})
