import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'
import { z } from 'zod'
import { guardMiddleware, type GuardedRequest } from './express.ts'
import { decided, guard, type Protect } from '../index.ts'
import { createTestIssuer, ISSUER, NOW, type TestIssuer } from '../test-issuer.ts'

const READ = 'pet-profile:read'
const WRITE = 'pet-profile:write'

let issuer: TestIssuer
const servers: Server[] = []
before(async () => {
  issuer = await createTestIssuer()
})
after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

function mcpServer(): McpServer {
  const server = new McpServer({ name: 'vet', version: '1' })
  server.registerTool('list_pets', { inputSchema: { owner: z.string() } }, ({ owner }, { authInfo }) => ({
    content: [{ type: 'text', text: `${owner} for ${decided(authInfo).principal.sub}` }],
  }))
  server.registerTool('update_pet', {}, () => ({ content: [] }))
  server.registerTool('forgotten', {}, () => ({ content: [] }))
  return server
}

type Deploy = (protect: (resource: string) => Protect) => Promise<string>

/** One transport for each request, which the SDK calls stateless. */
const stateless: Deploy = async (protect) => {
  const app = express()
  const url = await listen(app)
  app.use(guardMiddleware(protect(url)))
  app.all('/mcp', async (req: GuardedRequest, res) => {
    const transport = new StreamableHTTPServerTransport({})
    await mcpServer().connect(transport as Parameters<McpServer['connect']>[0])
    await transport.handleRequest(req as Parameters<typeof transport.handleRequest>[0], res, req.body)
  })
  return url
}

/** One transport for each session, found by its id, as in the SDK's own example. */
const sessionful: Deploy = async (protect) => {
  const app = express()
  const url = await listen(app)
  const transports = new Map<string, StreamableHTTPServerTransport>()
  app.use(guardMiddleware(protect(url)))
  app.all('/mcp', async (req: GuardedRequest, res) => {
    const sessionId = req.headers['mcp-session-id']
    let transport = typeof sessionId === 'string' ? transports.get(sessionId) : undefined
    if (transport === undefined) {
      const opened = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void transports.set(id, opened),
      })
      transport = opened
      await mcpServer().connect(transport as Parameters<McpServer['connect']>[0])
    }
    await transport.handleRequest(req as Parameters<typeof transport.handleRequest>[0], res, req.body)
  })
  return url
}

/** The same without Express. */
const nodeHttp: Deploy = async (protect) => {
  let handler: RequestListener = () => assert.fail('called before it is set')
  const url = await listen((req, res) => handler(req, res))
  const middleware = guardMiddleware(protect(url))
  handler = (req: GuardedRequest, res) =>
    middleware(req, res, (error) => {
      if (error !== undefined) return void res.writeHead(500).end()
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
      void mcpServer()
        .connect(transport as Parameters<McpServer['connect']>[0])
        .then(() => transport.handleRequest(req as Parameters<typeof transport.handleRequest>[0], res, req.body))
    })
  return url
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

function protect(resource: string): Protect {
  return guard({
    issuer: ISSUER,
    resource,
    defaultScopes: [READ],
    tools: { list_pets: READ, update_pet: WRITE },
    clock: () => NOW,
    fetch: issuer.fetch,
  })
}

for (const [name, deploy] of Object.entries({ stateless, sessionful, nodeHttp })) {
  describe(`${name} server of @modelcontextprotocol/sdk`, () => {
    for (const [version, connect] of Object.entries({ v1: connectV1, v2: connectV2 })) {
      test(`the official client ${version} lists what is visible and calls what is allowed`, async () => {
        const url = await deploy(protect)
        const client = await connect(url, await issuer.token({ aud: url, entitlements: [READ] }))
        assert.deepEqual(
          (await client.listTools()).tools.map((tool) => tool.name),
          ['list_pets'],
        )
        const result = await client.callTool({ name: 'list_pets', arguments: { owner: 'bob' } })
        assert.deepEqual(result.content, [{ type: 'text', text: 'bob for bob' }])
        await assert.rejects(client.callTool({ name: 'update_pet', arguments: {} }), /Tool update_pet not found/)
        await assert.rejects(client.callTool({ name: 'forgotten', arguments: {} }), /Tool forgotten not found/)
        await client.close()
      })
    }

    test('refusals come before the handler: without a token, and for a scope that could be had', async () => {
      const url = await deploy(protect)
      const without = await post(url, 'tools/call', { name: 'update_pet' })
      assert.equal(without.status, 401)
      const metadata = url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp')
      const challenge = without.headers.get('www-authenticate') ?? ''
      assert.ok(
        challenge.startsWith(`Bearer scope="${READ}", resource_metadata="${metadata}", DPoP algs="ES256 `),
        challenge,
      )
      assert.equal(((await (await fetch(metadata)).json()) as { resource: string }).resource, url)
      const token = await issuer.token({ aud: url, entitlements: [READ, WRITE] })
      const challenged = await post(url, 'tools/call', { name: 'update_pet' }, { authorization: `Bearer ${token}` })
      assert.equal(challenged.status, 403)
      assert.match(challenged.headers.get('www-authenticate') ?? '', /scope="pet-profile:write"/)
    })
  })
}

test('the token reaches neither the headers nor the raw headers that a handler sees', async () => {
  const app = express()
  const url = await listen(app)
  app.use(guardMiddleware(protect(url)))
  app.use((req: GuardedRequest, res) => void res.json([req.headers, req.rawHeaders, req.headersDistinct, req.auth]))
  const token = await issuer.token({ aud: url })
  const response = await post(url, 'ping', {}, { authorization: `Bearer ${token}`, dpop: 'proof' })
  const seen = await response.text()
  assert.ok(seen.includes('content-type'))
  assert.ok(!seen.includes(token) && !seen.includes('proof'))
})

test('two `Authorization` headers are refused, whichever of them is good', async () => {
  const url = await stateless(protect)
  const token = await issuer.token({ aud: url })
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'GET' }, (response) => resolve(response.resume().statusCode))
    request.setHeader('authorization', [`Bearer ${token}`, 'Bearer another'])
    request.on('error', reject).end()
  })
  assert.equal(status, 401)
})

test('a body parser in front of the guard is an error and no hole', async () => {
  const app = express()
  const url = await listen(app)
  let reached = false
  app.use(express.json(), guardMiddleware(protect(url)), () => (reached = true))
  app.use(
    (error: Error, _req: unknown, res: express.Response, _next: unknown) => void res.status(500).send(error.message),
  )
  const response = await post(url, 'ping', {}, { authorization: `Bearer ${await issuer.token({ aud: url })}` })
  assert.equal(response.status, 500)
  assert.match(await response.text(), /before body parsers/)
  assert.equal(reached, false)
})

test('a stream that goes on ends with the token', async () => {
  const app = express()
  const url = await listen(app)
  app.use(guardMiddleware(protect(url)))
  app.get('/mcp', (_req, res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n'))
  // Good by the tolerance of clocks, and over: its time has come at once.
  const token = await issuer.token({ aud: url, exp: NOW / 1000 - 1 })
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } })
  assert.equal(await response.text(), ': hello\n\n')
})

describe('sessions', () => {
  async function open(url: string, token: string): Promise<string> {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
    const response = await post(url, 'initialize', params, { authorization: `Bearer ${token}` })
    await response.text()
    return response.headers.get('mcp-session-id') ?? assert.fail('no session was opened')
  }

  test('a session serves whoever opened it, by the same client, and nobody else', async () => {
    const url = await sessionful(protect)
    const session = await open(url, await issuer.token({ aud: url }))
    const others = [{ sub: 'carol' }, { client_id: 'another-app' }, {}]
    const statuses = []
    for (const claims of others) {
      const authorization = `Bearer ${await issuer.token({ aud: url, ...claims })}`
      const response = await post(url, 'ping', {}, { authorization, 'mcp-session-id': session })
      await response.text()
      statuses.push(response.status)
    }
    assert.deepEqual(statuses, [404, 404, 200])
  })

  test('a foreign session, an unknown one and an ended one get the same answer', async () => {
    const url = await sessionful(protect)
    const session = await open(url, await issuer.token({ aud: url }))
    const authorization = `Bearer ${await issuer.token({ aud: url, sub: 'carol' })}`
    const answers = await Promise.all(
      [session, randomUUID()].map(async (id) => {
        const response = await post(url, 'ping', {}, { authorization, 'mcp-session-id': id })
        return [response.status, await response.text()]
      }),
    )
    assert.deepEqual(answers[0], answers[1])
  })

  for (const method of ['GET', 'DELETE']) {
    test(`${method} on a foreign session is refused`, async () => {
      const url = await sessionful(protect)
      const session = await open(url, await issuer.token({ aud: url }))
      const token = await issuer.token({ aud: url, sub: 'carol' })
      const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': session, accept: 'text/event-stream' }
      assert.equal((await fetch(url, { method, headers })).status, 404)
    })
  }

  test('a session id is not taken from a message of 2026-07-28, where it means nothing', async () => {
    const app = express()
    const url = await listen(app)
    app.use(guardMiddleware(protect(url)))
    app.use((req, res) => void res.json(req.headers['mcp-session-id'] ?? null))
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    const response = await post(
      url,
      'server/discover',
      { _meta: meta },
      {
        authorization: `Bearer ${await issuer.token({ aud: url })}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'server/discover',
        'mcp-session-id': 'somebody-elses',
      },
    )
    assert.equal(await response.json(), null)
  })
})

function post(url: string, method: string, params: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
}

async function connectV1(url: string, token: string): Promise<ClientV1> {
  const client = new ClientV1({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new TransportV1(new URL(url), { requestInit }) as Parameters<ClientV1['connect']>[0])
  return client
}

async function connectV2(url: string, token: string): Promise<ClientV2> {
  const client = new ClientV2({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new TransportV2(new URL(url), { requestInit }))
  return client
}
