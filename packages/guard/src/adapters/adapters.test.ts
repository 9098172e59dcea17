// Every adapter serves the same small clinic, and is attacked in the same ways: what holds in one must hold in all.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer, type McpHttpHandler } from '@modelcontextprotocol/server'
import express from 'express'
import Fastify from 'fastify'
import { FastMCP } from 'fastmcp'
import { Hono } from 'hono'
import { z } from 'zod'
import { decided, guard, type Protect } from '../index.ts'
import { createTestIssuer, ISSUER, type Members, NOW, type TestIssuer } from '../test-issuer.ts'
import { guardMiddleware as forExpress, type GuardedRequest } from './express.ts'
import { guardFastify } from './fastify.ts'
import { fastMcpHandler, type FastMcpSession } from './fastmcp.ts'
import { guardMiddleware as forHono, type GuardVariables } from './hono.ts'
import { guardListener } from './node.ts'

const READ = 'pets:read'
const WRITE = 'pets:write'

/** What a server has seen: tools that ran, and calls that were broken off. */
interface Seen {
  readonly ran: string[]
  readonly started: PromiseWithResolvers<void>
  readonly aborted: PromiseWithResolvers<void>
}

/** A server of `@modelcontextprotocol/server`; fastmcp has one of its own. */
function mcpHandler({ ran, started, aborted }: Seen): McpHttpHandler {
  return createMcpHandler(() => {
    const server = new McpServer({ name: 'clinic', version: '1' })
    for (const name of ['list_pets', 'update_pet', 'forgotten']) {
      server.registerTool(name, { inputSchema: z.object({}) }, (_args, ctx) => {
        ran.push(name)
        return { content: [{ type: 'text', text: decided(ctx.http?.authInfo).principal.sub }] }
      })
    }
    server.registerTool('wait', { inputSchema: z.object({}) }, async (_args, { mcpReq: { signal } }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      await aborted.promise
      return { content: [] }
    })
    return server
  })
}

/** The same for node:http. The SDK's types are not made for `exactOptionalPropertyTypes`. */
function nodeHandler(seen: Seen): (req: IncomingMessage, res: ServerResponse, body: unknown) => Promise<void> {
  const handle = toNodeHandler(mcpHandler(seen))
  return (req, res, parsed) => handle(req as Parameters<typeof handle>[0], res, parsed)
}

function fastMcp({ ran }: Seen): FastMCP<FastMcpSession> {
  const server = new FastMCP<FastMcpSession>({ name: 'clinic', version: '1.0.0' })
  for (const name of ['list_pets', 'update_pet', 'forgotten']) {
    server.addTool({
      name,
      execute: async (_args, { session }) => {
        ran.push(name)
        return decided(session).principal.sub
      },
    })
  }
  return server
}

/** How a server is put together, up to the listener or app that gets requests. */
type Build = (protect: Protect, seen: Seen) => Promise<Server>

const builds: Readonly<Record<string, Build>> = {
  'web-standard': async (protect, seen) =>
    createServer((req, res) => void getRequestListener(protect(mcpHandler(seen)))(req, res)),
  hono: async (protect, seen) => {
    const handler = mcpHandler(seen)
    const app = new Hono<{ Variables: GuardVariables }>()
    app.use(forHono(protect))
    app.all('/mcp', (c) => handler.fetch(c.req.raw, c.get('mcp')))
    return createServer((req, res) => void getRequestListener(app.fetch)(req, res))
  },
  'node:http, with a web-standard handler': async (protect, seen) =>
    createServer(guardListener(protect, mcpHandler(seen))),
  'node:http': async (protect, seen) => {
    const handle = nodeHandler(seen)
    return createServer(guardListener(protect, (req, res) => handle(req, res, req.body)))
  },
  express: async (protect, seen) => {
    const handle = nodeHandler(seen)
    const app = express()
    app.use(forExpress(protect))
    app.all('/mcp', (req: GuardedRequest, res) => handle(req, res, req.body))
    return createServer(app)
  },
  fastify: async (protect, seen) => {
    const handle = nodeHandler(seen)
    const app = Fastify()
    app.all('/mcp', (request, reply) => {
      reply.hijack()
      return handle(request.raw, reply.raw, request.body)
    })
    // After the route: what is there already is not open either.
    guardFastify(app, protect)
    await app.ready()
    return app.server
  },
  fastmcp: async (protect, seen) =>
    createServer((req, res) => void getRequestListener(protect(fastMcpHandler(fastMcp(seen))))(req, res)),
}

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

interface Clinic {
  readonly url: string
  readonly seen: Seen
}

async function open(build: Build): Promise<Clinic> {
  const seen: Seen = { ran: [], started: Promise.withResolvers(), aborted: Promise.withResolvers() }
  // The port is known once it listens, and the guard has to know it earlier.
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  const url = `http://127.0.0.1:${port}/mcp`
  const protect = guard({
    issuer: ISSUER,
    resource: url,
    defaultScopes: [READ],
    tools: { list_pets: READ, update_pet: WRITE, wait: READ },
    clock: () => NOW,
    fetch: issuer.fetch,
  })
  const server = await build(protect, seen)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url, seen }
}

/** Whoever may read pets, and never more. */
function bob(url: string, claims: Members = {}): Promise<string> {
  return issuer.token({ aud: url, scope: READ, entitlements: [READ], ...claims })
}

function body(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

async function post(url: string, text: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const response = await fetch(url, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: text })
  return [response.status, await response.text()]
}

const call = (name: string) => body('tools/call', { name, arguments: {} })

/** Sends headers as they are written, repeated ones included. */
function raw(url: string, headers: Record<string, string | string[]>, text: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    for (const [name, value] of Object.entries({ ...JSON_HEADERS, ...headers })) request.setHeader(name, value)
    request.on('error', reject).end(text)
  })
}

for (const [name, build] of Object.entries(builds)) {
  describe(`the adapter for ${name}`, () => {
    let clinic: Clinic
    let token: string
    before(async () => {
      clinic = await open(build)
      token = `Bearer ${await bob(clinic.url)}`
    })

    test('lets a call through that is allowed, as the person who makes it', async () => {
      const [status, text] = await post(clinic.url, call('list_pets'), { authorization: token })
      assert.equal(status, 200)
      assert.match(text, /"text":"bob"/)
    })

    test('serves the metadata to everybody', async () => {
      const response = await fetch(clinic.url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp'))
      assert.equal(((await response.json()) as { resource: string }).resource, clinic.url)
    })

    test('lets nobody through without a token, whatever the method and the path', async () => {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']) {
        for (const path of ['/mcp', '/mcp/', '/MCP', '/', '/health', '//mcp', '/mcp?access_token=x', '/sse']) {
          const response = await fetch(new URL(clinic.url).origin + path, { method })
          await response.text()
          assert.equal(response.status, 401, `${method} ${path}`)
        }
      }
    })

    test('runs no tool that the caller may not use, and answers as if it were not there', async () => {
      const before = clinic.seen.ran.length
      for (const tool of ['update_pet', 'forgotten', 'nothing']) {
        const [, text] = await post(clinic.url, call(tool), { authorization: token })
        assert.match(text, /not found/)
      }
      assert.deepEqual(clinic.seen.ran.slice(before), [])
    })

    test('shows in a list what may be called', async () => {
      const [, text] = await post(clinic.url, body('tools/list', {}), { authorization: token })
      assert.match(text, /"list_pets"/)
      assert.doesNotMatch(text, /"update_pet"|"forgotten"/)
    })

    test('refuses a body that two parsers would read differently', async () => {
      const before = clinic.seen.ran.length
      const twice = call('list_pets').replace('"list_pets"', '"list_pets","name":"update_pet"')
      const [status] = await post(clinic.url, twice, { authorization: token })
      assert.equal(status, 400)
      const [batch] = await post(clinic.url, `[${call('list_pets')}]`, { authorization: token })
      assert.equal(batch, 400)
      const [form] = await post(clinic.url, call('update_pet'), {
        authorization: token,
        'content-type': 'text/plain',
      })
      assert.equal(form, 415)
      assert.deepEqual(clinic.seen.ran.slice(before), [])
    })

    test('refuses smuggled headers: two tokens, and names that differ from the body', async () => {
      const before = clinic.seen.ran.length
      assert.equal(await raw(clinic.url, { authorization: [token, 'Bearer another'] }, call('list_pets')), 401)
      const meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      }
      const modern = { authorization: token, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' }
      const text = body('tools/call', { name: 'update_pet', arguments: {}, _meta: meta })
      for (const mirrored of [
        { 'mcp-name': 'list_pets' },
        { 'mcp-name': ['update_pet', 'list_pets'] },
        { 'mcp-name': 'update_pet', 'mcp-method': ['tools/call', 'ping'] },
        { 'mcp-name': 'update_pet', 'mcp-protocol-version': ['2026-07-28', '2025-11-25'] },
      ]) {
        assert.equal(await raw(clinic.url, { ...modern, ...mirrored }, text), 400, JSON.stringify(mirrored))
      }
      assert.deepEqual(clinic.seen.ran.slice(before), [])
    })

    test('a client that goes in the middle of its body harms nobody', async () => {
      const { port } = new URL(clinic.url)
      const socket = connect(Number(port), '127.0.0.1')
      const head = `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: ${token}\r\n`
      socket.write(`${head}content-type: application/json\r\ncontent-length: 500\r\n\r\n{"jsonrpc":`)
      socket.end()
      await new Promise((resolve) => socket.on('close', resolve).resume())
      const [status] = await post(clinic.url, call('list_pets'), { authorization: token })
      assert.equal(status, 200)
    })

    // fastmcp passes no signal on, and has no tool here that waits.
    if (name !== 'fastmcp') {
      test('tells a tool when its client has gone', async () => {
        const leave = new AbortController()
        const meta = {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        }
        const answer = fetch(clinic.url, {
          method: 'POST',
          headers: {
            ...JSON_HEADERS,
            authorization: token,
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': 'tools/call',
            'mcp-name': 'wait',
          },
          body: body('tools/call', { name: 'wait', arguments: {}, _meta: meta }),
          signal: leave.signal,
        })
        await clinic.seen.started.promise
        leave.abort()
        await assert.rejects(answer)
        await clinic.seen.aborted.promise
      })
    }
  })
}

test('a body that a parser of Express has read is an error and no hole', async () => {
  const { url, seen } = await open(async (protect, seenThere) => {
    const handle = nodeHandler(seenThere)
    const app = express()
    app.use(express.json(), forExpress(protect))
    app.all('/mcp', (req: GuardedRequest, res) => handle(req, res, req.body))
    return createServer(app)
  })
  const [status] = await post(url, call('list_pets'), { authorization: `Bearer ${await bob(url)}` })
  assert.equal(status, 500)
  assert.deepEqual(seen.ran, [])
})

test('a plugin of Fastify that was registered before the guard is behind it too', async () => {
  const { url } = await open(async (protect) => {
    const app = Fastify()
    await Promise.resolve(app.register(async (scope) => void scope.get('/open', async () => 'open')))
    guardFastify(app, protect)
    await app.ready()
    return app.server
  })
  assert.equal((await fetch(new URL('/open', url))).status, 401)
})

test('fastmcp keeps no session that was of one request', { timeout: 10_000 }, async () => {
  const seen: Seen = { ran: [], started: Promise.withResolvers(), aborted: Promise.withResolvers() }
  const server = fastMcp(seen)
  const { url } = await open(async (protect) =>
    createServer((req, res) => void getRequestListener(protect(fastMcpHandler(server)))(req, res)),
  )
  const connected = new Promise((resolve) => server.on('connect', resolve))
  await post(url, call('list_pets'), { authorization: `Bearer ${await bob(url)}` })
  await connected
  while (server.sessions.length > 0) await nextTurn()
})
