import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { inspectServer, type Inspection } from './inspect.ts'

async function listening(t: TestContext, listener: (...pair: Parameters<RequestListener>) => unknown): Promise<string> {
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => (server.close(), server.closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'vet', version: '1.0.0' })
  server.registerTool('list_pets', { title: 'Pets', annotations: { readOnlyHint: true } }, () => ({ content: [] }))
  server.registerTool('update_pet', { description: 'Changes a pet' }, () => ({ content: [] }))
  return server
})

const inspect = (url: string, options: Partial<Parameters<typeof inspectServer>[1]> = {}): Promise<Inspection> =>
  inspectServer(url, { allowLoopback: true, ...options })

test('an open server tells its name and its tools with what they say of themselves', async (t) => {
  const origin = await listening(
    t,
    getRequestListener((request) => handler.fetch(request)),
  )
  assert.deepEqual(await inspect(`${origin}/mcp`), {
    state: 'open',
    name: 'vet',
    tools: [
      { name: 'list_pets', title: 'Pets', annotations: { readOnlyHint: true } },
      { name: 'update_pet', description: 'Changes a pet' },
    ],
  })
})

test('a server of an earlier revision, which answers with events, is read as well', async (t) => {
  const origin = await listening(t, (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { id, method } = JSON.parse(body) as { id?: number; method: string }
      const results: Record<string, unknown> = {
        initialize: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'old', version: '1' },
        },
        'tools/list': { tools: [{ name: 'delete_pet', inputSchema: { type: 'object' } }] },
      }
      if (id === undefined) return void response.writeHead(202).end()
      const result = results[method]
      const message = result ? { result } : { error: { code: -32601, message: 'no such method' } }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n\n`)
    })
  })
  assert.deepEqual(await inspect(`${origin}/mcp`), { state: 'open', name: 'old', tools: [{ name: 'delete_pet' }] })
})

test('a protected server is known by its metadata, wherever the challenge or the specification puts it', async (t) => {
  for (const [place, challenge] of [
    ['/elsewhere', (origin: string) => `Bearer scope="a", resource_metadata="${origin}/elsewhere"`],
    ['/.well-known/oauth-protected-resource/mcp', () => 'Bearer'],
    ['/.well-known/oauth-protected-resource', () => undefined],
  ] as const) {
    let origin = ''
    origin = await listening(t, (request, response) => {
      if (request.url === place)
        return void response.end(
          JSON.stringify({
            resource: `${origin}/mcp`,
            authorization_servers: ['https://auth.example'],
            scopes_supported: ['a'],
          }),
        )
      if (request.url !== '/mcp') return void response.writeHead(404).end()
      const header = challenge(origin)
      response.writeHead(401, header === undefined ? {} : { 'www-authenticate': header }).end()
    })
    assert.deepEqual(await inspect(`${origin}/mcp`), {
      state: 'protected',
      metadataUrl: origin + place,
      resource: `${origin}/mcp`,
      authorizationServers: ['https://auth.example'],
      scopes: ['a'],
    })
  }
})

test('with a token a protected server is read like an open one', async (t) => {
  const guarded = getRequestListener((request) =>
    request.headers.get('authorization') === 'Bearer good' ? handler.fetch(request) : new Response('', { status: 401 }),
  )
  const origin = await listening(t, guarded)
  assert.equal((await inspect(`${origin}/mcp`, { accessToken: 'good' })).state, 'open')
  assert.deepEqual(await inspect(`${origin}/mcp`), {
    state: 'protected',
    metadataUrl: undefined,
    resource: undefined,
    authorizationServers: [],
    scopes: [],
  })
})

test('what cannot be reached, may not be reached or is no MCP server is told apart', async (t) => {
  const told = async (url: string, options = {}) => {
    const { state, ...rest } = await inspect(url, options)
    return [state, 'reason' in rest ? rest.reason : 'status' in rest ? rest.status : undefined]
  }
  assert.deepEqual(await told('http://127.0.0.1:1/mcp'), ['unreachable', 'unreachable'])
  assert.deepEqual(await told('nonsense'), ['unreachable', 'address_refused'])
  assert.deepEqual(await told('http://127.0.0.1:1/mcp', { allowLoopback: false }), ['unreachable', 'address_refused'])
  assert.deepEqual(await told('https://10.0.0.1/mcp'), ['unreachable', 'address_refused'])
  assert.deepEqual(await told('http://mcp.example/mcp'), ['unreachable', 'address_refused'])
  const page = await listening(t, (_, response) => response.writeHead(404).end('<h1>no</h1>'))
  assert.deepEqual(await told(`${page}/mcp`), ['not_mcp', 404])
  const moved = await listening(t, (_, response) => response.writeHead(307, { location: 'http://10.0.0.1/' }).end())
  assert.deepEqual(await told(`${moved}/mcp`), ['unreachable', 'redirected'])
  const silent = await listening(t, () => {})
  assert.deepEqual(await told(`${silent}/mcp`, { milliseconds: 50 }), ['unreachable', 'timed_out'])
  const endless = await listening(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (ended?: Error | null): void => void (ended || response.write('x'.repeat(65_536), more))
    more()
  })
  assert.deepEqual((await told(`${endless}/mcp`))[0], 'not_mcp')
})
