import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readMessage } from './message.ts'

const odd = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(1.5, -0, 2 ** 60))
const body = fc.record(
  {
    jsonrpc: fc.constantFrom('2.0', '2.0', '2.0', '1.0', 2),
    id: fc.oneof(fc.integer(), fc.string(), odd),
    method: fc.oneof(fc.constantFrom('tools/call', 'ping'), odd),
    params: fc.oneof(fc.constant({}), odd),
    result: odd,
    error: odd,
  },
  { requiredKeys: [] },
)

/** JSON-RPC 2.0 §4 to §6 once more, by what is there. */
function kindOf(message: Record<string, unknown>): string | undefined {
  const has = (name: string) => Object.hasOwn(message, name)
  const { jsonrpc, id, method, params } = message
  const isObject = (value: unknown) => Object.prototype.toString.call(value) === '[object Object]'
  if (jsonrpc !== '2.0') return undefined
  if (has('result') || has('error')) return has('id') && !has('method') ? 'response' : undefined
  if (typeof method !== 'string' || (has('params') && !isObject(params))) return undefined
  if (!has('id')) return 'notification'
  return typeof id === 'string' || Number.isInteger(id) ? 'request' : undefined
}

test('a message is what JSON-RPC says by its members, and one thing only', () => {
  fc.assert(
    fc.property(body, (message) => {
      const result = readMessage(message)
      assert.equal(result.ok ? result.value.message.kind : undefined, kindOf(message))
      if (result.ok) assert.equal(result.value.body, message)
    }),
    { numRuns: 1000 },
  )
})

test('whatever comes, the fault has an id that can be answered to', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const result = readMessage(value)
      if (!result.ok) assert.ok(result.error.id === null || ['string', 'number'].includes(typeof result.error.id))
    }),
    { numRuns: 500 },
  )
})
