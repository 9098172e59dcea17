import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configJsonSchema } from './json-schema.ts'
import { loadConfig } from './load.ts'

interface Schema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: string | number
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8')

test('docs/reference/configuration.md has a line for each key of the file, made from the schema', () => {
  const rows = rowsOf(configJsonSchema() as Schema, '')
  assert.ok(rows.length > 40)
  // The expected text is the message, so that the page is mended by copying it.
  const table = [...HEAD, ...rows].join('\n')
  assert.ok(page.includes(table), `the table of the page should be:\n${table}`)
})

const HEAD = ['| key | value | when left out | meaning |', '| --- | --- | --- | --- |']

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`
    const fallback = required.includes(key)
      ? 'required'
      : schema.default === undefined
        ? ''
        : `\`${JSON.stringify(schema.default)}\``
    const row = `| \`${path}\` | ${valueOf(schema)} | ${fallback} | ${schema.description ?? ''} |`
    const inside = schema.properties ? rowsOf(schema, `${path}.`) : []
    return [row, ...inside, ...(schema.items?.properties ? rowsOf(schema.items, `${path}[].`) : [])]
  })
}

function valueOf({ type, const: constant, enum: values, items, anyOf, additionalProperties }: Schema): string {
  if (constant !== undefined) return `\`${String(constant)}\``
  if (values) return values.map((value) => `\`${value}\``).join(', ')
  if (anyOf) return anyOf.map(valueOf).join(' or ')
  if (items) return items.properties ? 'list' : `list of ${valueOf(items)}`
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    return `mapping from server to ${valueOf(additionalProperties)}`
  if (type === 'object') return 'mapping'
  return type === 'string' ? 'text' : (type ?? '')
}

test('the example of docs/reference/configuration.md is a configuration', () => {
  const example = /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
  const loaded = loadConfig(example, {
    environment: { BOBS_FIRST_PASSWORD: 'bob-vet-demo' },
    readFile: () => ({ text: '0123456789abcdef'.repeat(4) }),
  })
  assert.deepEqual(loaded.ok || loaded.error, true)
})
