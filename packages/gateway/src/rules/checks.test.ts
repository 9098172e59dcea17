import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRules } from './checks.ts'

const UPSTREAM = {
  id: 'docs',
  url: 'http://127.0.0.1:1/mcp',
  resource: 'https://mcp.example.com/docs',
  default_scopes: ['read'],
  tools: { look: { scopes: ['read'] } },
}

function faults(change: object, ...others: readonly object[]): string[] {
  const upstreams = [{ ...UPSTREAM, ...change }, ...others]
  const value = { version: 1, issuer: 'https://auth.example.com', upstreams }
  return [...checkRules(value)].map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const cases: Record<string, readonly [change: object, fault: RegExp]> = {
  'a resource that a client would write otherwise': [
    { resource: 'https://mcp.example.com/a%2fb' },
    /^upstreams\.0\.resource: the path must have plain letters/,
  ],
  'a resource with an empty segment': [
    { resource: 'https://mcp.example.com//a' },
    /resource: the path must have plain/,
  ],
  'a resource where the metadata is': [
    { resource: 'https://mcp.example.com/.well-known/x' },
    /resource: the path must/,
  ],
  'a resource with a query': [{ resource: 'https://mcp.example.com/a?b' }, /resource/],
  'a resource without TLS': [
    { resource: 'http://mcp.example.com/a' },
    /resource: `resource`: http is only for localhost/,
  ],
  'an address that is none': [{ url: 'unix:/x' }, /^upstreams\.0\.url: write a URL that begins with http/],
  'an address with a password': [{ url: 'http://a:b@x/' }, /url: leave the password out/],
  'an address with a fragment': [{ url: 'http://x/#a' }, /url: leave out what follows/],
  'a condition that says nothing': [
    { tools: { look: { scopes: [], arguments: { a: { optional: true } } } } },
    /^upstreams\.0\.tools\.look\.arguments\.a: it says nothing/,
  ],
  'a sentence that nobody hears': [
    { tools: { look: { scopes: [], otherwise: 'x' } } },
    /otherwise: without `arguments`/,
  ],
  'bounds that exclude each other': [
    { tools: { look: { scopes: [], arguments: { a: { min: 2, max: 1 } } } } },
    /arguments\.a\.min: no number is that great and that small/,
  ],
  'two credentials': [
    {
      credential: {
        header: { name: 'a', value: 'b' },
        client_credentials: { token_endpoint: 'https://x/', client_id: 'a', client_secret: 'b' },
      },
    },
    /credential\.client_credentials: .* exclude each other/,
  ],
  'a secret for a header of HTTP itself': [
    { credential: { header: { name: 'Transfer-Encoding', value: 'chunked' } } },
    /credential\.header\.name: this header/,
  ],
  'a secret that would cross the network readable': [
    { credential: { client_credentials: { token_endpoint: 'http://x.example/', client_id: 'a', client_secret: 'b' } } },
    /token_endpoint: a secret goes there/,
  ],
  'a scope that is none': [{ default_scopes: ['a b'] }, /^upstreams\.0\.default_scopes: .*`a b` is no scope/],
}

test('rules without faults have none', () => assert.deepEqual(faults({}), []))

for (const [name, [change, fault]] of Object.entries(cases))
  test(`rules are refused with ${name}`, () => {
    const found = faults(change)
    assert.ok(
      found.some((one) => fault.test(one)),
      found.join('\n'),
    )
  })

test('two MCP servers cannot share an id or a path, and each fault of both is told', () => {
  assert.deepEqual(faults({}, { ...UPSTREAM, resource: 'https://other.example.com/docs', url: 'ftp://x' }), [
    'upstreams.1.id: the id `docs` is taken: give each its own',
    'upstreams.1.resource: the path `/docs` leads to `docs` already: give each MCP server a path of its own',
    'upstreams.1.url: write a URL that begins with http:// or https://',
  ])
})

test('what has the wrong shape hides no fault of the rest, and nothing makes the check throw', () => {
  assert.deepEqual(faults({ id: 1 }, { ...UPSTREAM, url: 'ftp://x' }), [
    'upstreams.1.url: write a URL that begins with http:// or https://',
  ])
  for (const value of [null, 1, [], { upstreams: 1 }, { upstreams: [null] }, { issuer: 1, upstreams: [UPSTREAM] }])
    assert.deepEqual([...checkRules(value)], [])
})
