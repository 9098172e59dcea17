import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEra } from './era.ts'
import type { Message } from './message.ts'

const VERSION = 'io.modelcontextprotocol/protocolVersion'
const version = fc.constantFrom('2026-07-28', '2027-01-01')
const method = fc.constantFrom('tools/call', 'prompts/get', 'resources/read', 'tools/list')
const name = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('=?base64?', '=?base64?YQ==?=', 'é'))

/** MCP 2026-07-28, Value Encoding, as a client writes it: what is not plain, or looks encoded, is encoded. */
function encode(text: string): string {
  const isPlain = /^[\x20-\x7e]*$/.test(text) && text.trim() === text && !text.startsWith('=?base64?')
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}

const isUnicode = (text: string) => text.isWellFormed()

function call(method: string, version: string, name: string): Message {
  const member = method === 'resources/read' ? 'uri' : 'name'
  return { kind: 'request', id: 1, method, params: { [member]: name, _meta: { [VERSION]: version } } }
}

test('headers that mirror the body make a modern message, whatever is named', () => {
  fc.assert(
    fc.property(method, version, name.filter(isUnicode), (method, version, name) => {
      const headers = new Headers({
        'mcp-protocol-version': version,
        'mcp-method': method,
        ...(method === 'tools/list' ? {} : { 'mcp-name': encode(name) }),
      })
      assert.deepEqual(readEra(call(method, version, name), headers), { ok: true, value: 'modern' })
    }),
    { numRuns: 1000 },
  )
})

test('no header that says anything else passes', () => {
  const header = fc.constantFrom('mcp-protocol-version', 'mcp-method', 'mcp-name')
  const latin1 = fc.stringMatching(/^[\x20-\x7e\x80-\xff]*$/)
  fc.assert(
    fc.property(version, name.filter(isUnicode), header, fc.option(latin1), (version, name, header, value) => {
      const right = { 'mcp-protocol-version': version, 'mcp-method': 'tools/call', 'mcp-name': encode(name) }
      const headers = new Headers(right)
      if (value === null) headers.delete(header)
      else headers.set(header, value)
      const sent = headers.get(header)
      const result = readEra(call('tools/call', version, name), headers)
      const saysTheSame =
        sent === new Headers(right).get(header) || (header === 'mcp-name' && sent === `=?base64?${btoa(name8(name))}?=`)
      assert.equal(result.ok, saysTheSame)
    }),
    { numRuns: 1000 },
  )
})

const name8 = (text: string) => Buffer.from(text).toString('latin1')

test('whatever stands in message and headers, the answer is a result, and only the body makes a request modern', () => {
  const headers = fc.record(
    {
      'mcp-protocol-version': fc.constantFrom('2025-06-18', '2026-07-28', 'x', ''),
      'mcp-method': fc.constantFrom('tools/call', 'constructor', ''),
      'mcp-name': fc.constantFrom('a', '=?base64?/w==?=', '=?base64?a?=', '=?base64??='),
    },
    { requiredKeys: [] },
  )
  const params = fc.record(
    { name: fc.jsonValue(), _meta: fc.oneof(fc.jsonValue(), fc.record({ [VERSION]: fc.jsonValue() })) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.constantFrom('tools/call', 'initialize', 'toString'), params, headers, (method, params, headers) => {
      const result = readEra({ kind: 'request', id: 1, method, params }, new Headers(headers))
      const meta: unknown = params._meta
      const claims = typeof meta === 'object' && meta !== null && !Array.isArray(meta) && Object.hasOwn(meta, VERSION)
      if (result.ok) assert.equal(result.value, claims ? 'modern' : 'legacy')
    }),
    { numRuns: 500 },
  )
})
