import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalResource, parseResource, sameResource } from './resource.ts'

const good = [
  'https://mcp.example.com',
  'https://mcp.example.com/',
  'https://mcp.example.com/mcp?tenant=a',
  'http://localhost:9401/mcp',
  'http://[::1]:9401/mcp',
  'mcp://vetassist',
  'urn:example:pets',
]

test('absolute URIs without fragment are resources, custom schemes included, and come back as written', () => {
  for (const text of [...good, 'HTTPS://MCP.Example.com:443/Mcp'])
    assert.deepEqual(parseResource(text), { ok: true, value: text })
})

test('what is relative, has a fragment, a user name, dot segments or a forged host is refused', () => {
  const bad = [
    '',
    'vetassist',
    '/mcp',
    '//mcp.example.com/mcp',
    'https:',
    'https:///mcp',
    'https:mcp.example.com',
    'mcp://',
    'https://mcp.example.com/#',
    'https://mcp.example.com/mcp#a',
    'https://user@mcp.example.com/',
    'https://mcp.example.com:1@evil.example/',
    'https://mcp.example.com/a/../mcp',
    'https://mcp.example.com/%2e%2E/mcp',
    'https://mcp.example.com/a%2f..%2fmcp',
    'https://mcp.example.com\\mcp',
    'https://mcp.example.com/a b',
    ' https://mcp.example.com',
    'https://mcp.example.com\n',
    'https://mcp.exämple.com',
    'https://mcp.example.com/%zz',
    'https://mcp.example.com:99999',
    'https://mcp.example.com:80:90',
    'https://[::1',
    'https://mcp.example.com/[a]',
    `https://mcp.example.com/${'a'.repeat(3000)}`,
  ]
  for (const text of bad) assert.ok(!parseResource(text).ok, text)
})

test('letter case of scheme and host, the slash of a bare origin and the default port do not matter', () => {
  const same: [string, string][] = [
    ['HTTPS://MCP.Example.com', 'https://mcp.example.com'],
    ['https://mcp.example.com/', 'https://mcp.example.com'],
    ['https://mcp.example.com:443/mcp', 'https://mcp.example.com/mcp'],
    ['https://mcp.example.com:/mcp', 'https://mcp.example.com/mcp'],
    ['http://mcp.example.com:080', 'http://mcp.example.com'],
    ['MCP://VetAssist/', 'mcp://vetassist'],
  ]
  for (const [a, b] of same) assert.ok(sameResource(a, b), `${a} and ${b}`)
})

test('everything else matters', () => {
  const different: [string, string][] = [
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/MCP'],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/'],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com//mcp'],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/%6dcp'],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp?'],
    ['https://mcp.example.com/mcp', 'http://mcp.example.com/mcp'],
    ['https://mcp.example.com', 'https://mcp.example.com.'],
    ['https://mcp.example.com', 'https://mcp.example.com:444'],
    ['https://mcp.example.com:80', 'https://mcp.example.com'],
    ['mcp://vetassist', 'mcp:vetassist'],
    ['mcp://vetassist', 'mcp://vetassist.evil.example'],
    ['urn:example:pets', 'urn:example:Pets'],
  ]
  for (const [a, b] of different) assert.ok(!sameResource(a, b), `${a} and ${b}`)
})

test('a text that is no resource equals nothing and has no canonical form', () => {
  assert.ok(!sameResource('pets', 'pets'))
  assert.throws(() => canonicalResource('pets'), TypeError)
})

test('a canonical form is a resource and its own canonical form', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...good), fc.webUrl({ withQueryParameters: true }), fc.string()), (text) => {
      if (!parseResource(text).ok) return
      const canonical = canonicalResource(text)
      assert.equal(canonicalResource(canonical), canonical)
      assert.ok(sameResource(text, canonical))
    }),
  )
})
