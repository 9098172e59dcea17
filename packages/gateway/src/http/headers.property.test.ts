import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forwardedHeaders } from './forwarded-headers.ts'
import { readHeaders } from './request-headers.ts'

const name = fc.constantFrom(
  'Accept',
  'Authorization',
  'DPoP',
  'Cookie',
  'Host',
  'MCP-Session-Id',
  'mcp-name',
  'X-A',
  'mcp-param-a',
)
const pairs = fc.array(fc.tuple(name, fc.string({ unit: 'grapheme-ascii', maxLength: 5 })), { maxLength: 8 })
const mixed = (text: string) => [text, text.toUpperCase(), text.toLowerCase()]

test('headers are read as they are, or not at all when one that decides something is there twice', () => {
  fc.assert(
    fc.property(pairs, fc.nat(2), (sent, how) => {
      const raw = sent.flatMap(([key, value]) => [mixed(key)[how] ?? key, value])
      const headers = readHeaders(raw)
      const names = sent.map(([key]) => key.toLowerCase())
      const twice = names.filter((one, index) => names.indexOf(one) !== index && one !== 'accept' && one !== 'cookie')
      assert.equal(headers === undefined, twice.length > 0)
      for (const key of headers?.keys() ?? []) {
        const values = sent.filter(([one]) => one.toLowerCase() === key).map(([, value]) => value)
        assert.equal(headers?.get(key), values.join(', '))
      }
    }),
  )
})

test('whatever is sent, nothing but headers of MCP goes on', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom('modern' as const, 'legacy' as const), (sent, era) => {
      const headers = readHeaders(sent.flat())
      if (headers === undefined) return
      const forwarded = forwardedHeaders(headers, { era, withheld: ['authorization', 'dpop'] }, [])
      const names = forwarded.filter((_, index) => index % 2 === 0)
      const own = ['accept', 'accept-encoding', 'user-agent']
      const allowed = era === 'modern' ? ['mcp-name', 'mcp-param-a'] : ['mcp-session-id']
      assert.deepEqual(
        names.filter((one) => ![...own, ...allowed].includes(one)),
        [],
      )
      assert.equal(new Set(names).size, names.length)
    }),
  )
})
