import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configJsonSchema } from './json-schema.ts'

const file = new URL('../../../../docs/reference/permitry.schema.json', import.meta.url)

test('the JSON Schema for editors is the one that the code makes: write it with `npx permitry schema`', () => {
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(configJsonSchema())))
})

test('a text with an expansion in it matches every pattern of the JSON Schema', () => {
  const patterns = [...JSON.stringify(configJsonSchema()).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)]
  assert.notEqual(patterns.length, 0)
  for (const [, pattern = ''] of patterns) assert.match('vet-${ID}', new RegExp(String(JSON.parse(pattern))))
})
