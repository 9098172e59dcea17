import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { checkRules } from './checks.ts'
import { rulesJsonSchema } from './json-schema.ts'
import { GatewayRules } from './schema.ts'

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

const docs = new URL('../../../../docs/reference/', import.meta.url)
const page = readFileSync(new URL('gateway.md', docs), 'utf8')

test('docs/reference/gateway.md has a line for each key of the file, made from the schema', () => {
  const rows = rowsOf(rulesJsonSchema() as Schema, '')
  assert.ok(rows.length > 40)
  // The expected text is the message, so that the page is mended by copying it.
  const table = ['| key | value | when left out | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
  assert.ok(page.includes(table), `the table of the page should be:\n${table}`)
})

/** Prompts and resources have the rules of tools, which are told once. */
const AS_TOOLS = ['upstreams[].prompts.', 'upstreams[].resources.']

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`
    const fallback = required.includes(key)
      ? 'required'
      : schema.default === undefined
        ? ''
        : `\`${JSON.stringify(schema.default)}\``
    const row = `| \`${path}\` | ${valueOf(schema)} | ${fallback} | ${schema.description ?? ''} |`
    const member = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
    const inside = [
      ...rowsOf(schema, `${path}.`),
      ...(schema.items ? rowsOf(schema.items, `${path}[].`) : []),
      ...(member ? rowsOf(member, `${path}.*.`) : []),
    ]
    return [row, ...inside.filter((one) => !AS_TOOLS.some((start) => one.startsWith(`| \`${start}`)))]
  })
}

function valueOf({ type, const: constant, enum: values, items, anyOf, additionalProperties }: Schema): string {
  if (constant !== undefined) return `\`${String(constant)}\``
  if (values) return values.map((value) => `\`${value}\``).join(', ')
  if (anyOf) return anyOf.map(valueOf).join(' or ')
  if (items) return items.properties ? 'list' : `list of ${valueOf(items)}`
  if (typeof additionalProperties === 'object') return 'mapping by name'
  if (type === 'object') return 'mapping'
  return type === 'string' ? 'text' : (type ?? '')
}

test('the JSON Schema for editors is the one that the code makes: write it with `npx permitry schema --rules`', () => {
  const file = JSON.parse(readFileSync(new URL('rules.schema.json', docs), 'utf8')) as unknown
  assert.deepEqual(file, JSON.parse(JSON.stringify(rulesJsonSchema())))
})

test('the example of docs/reference/gateway.md is a file of rules', () => {
  const example = /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
  const value = parse(example.replaceAll(/\$\{file:[^}]*\}/g, 'secret')) as unknown
  assert.deepEqual(GatewayRules.safeParse(value).error?.issues, undefined)
  assert.deepEqual([...checkRules(value)], [])
})
