import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStrictJson } from './json.ts'

const accepted = [
  '{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}',
  '{"a":"\\"a\\":1","b":"{\\"b\\":1,\\"b\\":2}"}',
  '{"a":"x","b":"a"}',
  '{"":{"":1}}',
  ' { "a" : [ "a" , "a" ] } ',
  '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  '"a:b"',
  'null',
  '{"a":"__proto__"}',
  '{"a\\\\":1,"a":2}',
]
for (const text of accepted) {
  test(`is read as JSON.parse reads it: ${text}`, () => {
    assert.deepEqual(parseStrictJson(text), { ok: true, value: JSON.parse(text) })
  })
}

const refused: Record<string, RegExp> = {
  '{"a":1,"a":2}': /twice/,
  '{"a":1,"\\u0061":2}': /twice/,
  '{"a" :1, "a"\n:2}': /twice/,
  '[[{"x":{"a":1,"b":[{}],"a":2}}]]': /twice/,
  '{"a":{"a":1},"b":"}","a":2}': /twice/,
  '{"\\"":1,"\\u0022":2}': /twice/,
  '{"__proto__":{"isAdmin":true}}': /__proto__/,
  '{"a":{"\\u005f_proto__":1}}': /__proto__/,
  '{"a":1': /not JSON/,
  "{'a':1}": /not JSON/,
  '{"a":1}{"a":2}': /not JSON/,
  '{"a":NaN}': /not JSON/,
  '': /not JSON/,
  [`${'['.repeat(65)}${']'.repeat(65)}`]: /too deeply/,
  [`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`]: /too deeply/,
  [`${'['.repeat(200_000)}${']'.repeat(200_000)}`]: /too deeply/,
}
for (const [text, reason] of Object.entries(refused)) {
  test(`is refused: ${text.slice(0, 60)}`, () => {
    const result = parseStrictJson(text)
    assert.match(result.ok ? 'accepted' : result.error, reason)
  })
}
