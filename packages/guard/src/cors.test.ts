import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { guard, type GuardOptions } from './index.ts'
import { createTestIssuer, ISSUER, modern, NOW, RESOURCE, type TestIssuer } from './test-issuer.ts'

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

function server(options: Partial<GuardOptions> = {}): (request: Request) => Promise<Response> {
  return guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { whoami: [] },
    clock: () => NOW,
    fetch: issuer.fetch,
    ...options,
  })(async () => new Response('{}', { headers: { 'content-type': 'application/json' } }))
}

async function call(
  serve: (request: Request) => Promise<Response>,
  headers: Record<string, string>,
  url = RESOURCE,
): Promise<Response> {
  const request = modern('tools/call', { name: 'whoami' }, await issuer.token({ aud: [RESOURCE, url] }))
  const all = new Headers([...request.headers, ...Object.entries(headers)])
  return serve(new Request(url, { method: 'POST', headers: all, body: await request.text() }))
}

describe('pages that may call', () => {
  const origins: Record<string, [string, number]> = {
    'a page of the own host': ['https://mcp.vet.example', 200],
    'a page of the own host at another port': ['https://mcp.vet.example:8443', 200],
    'a page of another host': ['https://evil.example', 403],
    'a page of a host that ends like ours': ['https://evil-mcp.vet.example', 403],
    'a page without an origin of its own': ['null', 403],
    'what is no origin': ['evil', 403],
  }
  for (const [name, [origin, status]] of Object.entries(origins)) {
    test(name, async () => assert.equal((await call(server(), { origin })).status, status))
  }

  test('those that are named, exactly', async () => {
    const serve = server({ origins: ['https://inspector.example'] })
    assert.equal((await call(serve, { origin: 'https://inspector.example' })).status, 200)
    assert.equal((await call(serve, { origin: 'http://inspector.example' })).status, 403)
  })

  test('every page where that is said', async () => {
    assert.equal((await call(server({ origins: '*' }), { origin: 'https://anywhere.example' })).status, 200)
  })

  test('may read the answer, the challenge included', async () => {
    const serve = server({ origins: ['https://inspector.example'] })
    const origin = 'https://inspector.example'
    const answers = [
      await call(serve, { origin }),
      await serve(new Request(RESOURCE, { method: 'POST', headers: { origin } })),
    ]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401],
    )
    for (const { headers } of answers) {
      assert.equal(headers.get('access-control-allow-origin'), origin)
      assert.match(headers.get('access-control-expose-headers') ?? '', /WWW-Authenticate.*Mcp-Session-Id/)
      assert.equal(headers.get('vary'), 'Origin')
    }
  })
})

test('a preflight is answered without a token, and allows the headers of MCP', async () => {
  const headers = {
    origin: 'https://mcp.vet.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, mcp-param-region, x-evil',
  }
  const response = await server()(new Request(RESOURCE, { method: 'OPTIONS', headers }))
  assert.equal(response.status, 204)
  const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ') ?? []
  for (const name of ['authorization', 'mcp-method', 'mcp-name', 'mcp-session-id', 'mcp-param-region']) {
    assert.ok(allowed.includes(name), name)
  }
  assert.ok(!allowed.includes('x-evil'))
  const foreign = new Request(RESOURCE, { method: 'OPTIONS', headers: { ...headers, origin: 'https://evil.example' } })
  assert.equal((await server()(foreign)).status, 403)
})

describe('a server on loopback', () => {
  const resource = 'http://localhost:9401/mcp'

  test('is called by a loopback name, whichever', async () => {
    for (const host of ['localhost:9401', '127.0.0.1:9401', '[::1]:9401']) {
      assert.equal((await call(server({ resource }), { host }, resource)).status, 200)
    }
  })

  test('is not called by another name that leads to it', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '192.168.1.5:9401', '']) {
      assert.equal((await call(server({ resource }), { host }, resource)).status, 403)
    }
  })

  test('serves pages on loopback at any port, where developers run their clients', async () => {
    assert.equal((await call(server({ resource }), { origin: 'http://127.0.0.1:6274' }, resource)).status, 200)
    assert.equal((await call(server({ resource }), { origin: 'https://evil.example' }, resource)).status, 403)
  })
})
