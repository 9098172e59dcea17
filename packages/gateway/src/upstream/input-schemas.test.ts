import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInputSchemas } from './input-schemas.ts'
import type { ListedTool } from './list-tools.ts'

const TOOL = {
  name: 'look',
  inputSchema: {
    type: 'object',
    properties: {
      id: { type: 'string', pattern: '^(a+)+$', format: 'email' },
      n: { type: 'integer', maximum: 5 },
      pattern: { type: 'boolean' },
    },
    required: ['id'],
    additionalProperties: false,
  },
}

function created(...lists: readonly (readonly ListedTool[] | Error)[]) {
  let now = 1_000_000
  let asked = 0
  const errors: string[] = []
  const schemas = createInputSchemas({
    clock: () => now,
    onError: ({ message }) => void errors.push(message),
    list: async () => {
      const list = lists[Math.min(asked++, lists.length - 1)]
      if (list === undefined || list instanceof Error) throw list ?? new Error('none')
      return list
    },
  })
  const check = async (args: unknown, tool = 'look') =>
    (await schemas.of(tool)['~standard'].validate(args)).issues?.map(({ message }) => message).join() ?? 'good'
  return { check, errors, asked: () => asked, wait: (seconds: number) => void (now += seconds * 1000) }
}

test('arguments are checked by the schema that the MCP server lists, fetched once for all who call', async () => {
  const { check, asked } = created([TOOL])
  assert.deepEqual(await Promise.all([check({ id: 'x' }), check({ id: 'x', n: 5, pattern: true })]), ['good', 'good'])
  for (const args of [{}, { id: 1 }, { id: 'x', n: 6 }, { id: 'x', other: 1 }, { id: 'x', pattern: 'a' }])
    assert.notEqual(await check(args), 'good', JSON.stringify(args))
  assert.equal(asked(), 1)
})

test('the MCP server’s regular expressions are not run here: a caller could make them slow for everybody', async () => {
  const { check } = created([TOOL])
  assert.equal(await check({ id: `${'a'.repeat(100)}!` }), 'good')
  const byPattern = { type: 'object', patternProperties: { '^(x+)+$': {} }, additionalProperties: false }
  const other = created([{ name: 'look', inputSchema: byPattern }])
  assert.equal(await other.check({ anything: 1 }), 'good')
})

test('a schema that cannot be used refuses the calls of its tool, and of no other', async () => {
  const { check, errors } = created([TOOL, { name: 'odd', inputSchema: { type: 'object', $ref: '#/nowhere' } }])
  assert.match(await check({}, 'odd'), /cannot be used/)
  assert.equal(await check({ id: 'x' }), 'good')
  assert.match(errors.join(), /`odd` cannot be used/)
})

test('while the MCP server has never listed its tools no call goes on, and it is not asked without end', async () => {
  const { check, asked, wait } = created(new Error('down'), [TOOL])
  await assert.rejects(check({}), { name: 'SchemasUnavailable' })
  await assert.rejects(check({}), { name: 'SchemasUnavailable' })
  assert.equal(asked(), 1)
  wait(5)
  assert.equal(await check({ id: 'x' }), 'good')
})

test('what was learned serves on while it is renewed, also when the MCP server is away', async () => {
  const { check, asked, wait } = created([TOOL], new Error('down'), [{ ...TOOL, inputSchema: { type: 'object' } }])
  assert.notEqual(await check({}), 'good')
  wait(300)
  assert.notEqual(await check({}), 'good')
  wait(300)
  await check({})
  // The list came beside the call that found the older one.
  await new Promise(setImmediate)
  assert.equal(await check({}), 'good')
  assert.equal(asked(), 3)
})

test('a tool that is new is asked about, seldom, and one that is not listed is the MCP server’s to refuse', async () => {
  const { check, asked, wait } = created(
    [TOOL],
    [TOOL, { name: 'new', inputSchema: { type: 'object', required: ['a'] } }],
  )
  await check({ id: 'x' })
  assert.equal(await check({}, 'new'), 'good')
  wait(5)
  assert.notEqual(await check({}, 'new'), 'good')
  for (let call = 0; call < 10; call++) assert.equal(await check({}, 'unheard'), 'good')
  assert.equal(asked(), 2)
})
