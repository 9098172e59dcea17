import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { decided, guard } from './index.ts'
import { createTestIssuer, ISSUER, NOW, RESOURCE, type TestIssuer } from './test-issuer.ts'

// The official clients against the official server with the guard between them, over the wire but without sockets.

const READ = 'pet-profile:read'
const WRITE = 'pet-profile:write'

let issuer: TestIssuer
let serve: (request: Request) => Promise<Response>
const seen: string[] = []
before(async () => {
  issuer = await createTestIssuer()
  const protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [READ],
    tools: { list_pets: READ, update_pet: WRITE, delete_pet: { scope: 'never-granted', whenNever: 'explain' } },
    clock: () => NOW,
    fetch: issuer.fetch,
  })
  const guarded = protect(
    createMcpHandler(({ era }) => {
      seen.push(era)
      const server = new McpServer({ name: 'vet', version: '1' })
      server.registerTool('list_pets', { inputSchema: z.object({}) }, async (_args, ctx) => {
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
        return { content: [{ type: 'text', text: decided(ctx.http?.authInfo).principal.sub }] }
      })
      for (const name of ['update_pet', 'delete_pet', 'forgotten'])
        server.registerTool(name, {}, () => ({ content: [] }))
      return server
    }),
  )
  serve = guarded
})

function fetchInProcess(input: string | URL, init?: RequestInit): Promise<Response> {
  return serve(new Request(input, init))
}

async function connectV1(token: string): Promise<ClientV1> {
  const client = new ClientV1({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  const transport = new TransportV1(new URL(RESOURCE), { requestInit, fetch: fetchInProcess })
  await client.connect(transport as Parameters<ClientV1['connect']>[0])
  return client
}

async function connectV2(token: string): Promise<ClientV2> {
  const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new TransportV2(new URL(RESOURCE), { requestInit, fetch: fetchInProcess }))
  return client
}

for (const [name, era, connect] of [
  ['@modelcontextprotocol/client 2', 'modern', connectV2],
  ['@modelcontextprotocol/sdk 1', 'legacy', connectV1],
] as const) {
  describe(`${name}, which speaks to the ${era} era`, () => {
    test('lists, calls, and understands each refusal', async () => {
      const client = await connect(await issuer.token({ entitlements: [READ, WRITE] }))
      const { tools } = await client.listTools()
      assert.deepEqual(
        tools.map((tool) => tool.name),
        ['list_pets', 'update_pet', 'delete_pet'],
      )
      const result = await client.callTool({ name: 'list_pets', arguments: {} })
      assert.deepEqual(result.content, [{ type: 'text', text: 'bob' }])
      const explained = await client.callTool({ name: 'delete_pet', arguments: {} })
      assert.equal(explained.isError, true)
      await assert.rejects(client.callTool({ name: 'forgotten', arguments: {} }), /Tool forgotten not found/)
      await assert.rejects(client.callTool({ name: 'update_pet', arguments: {} }), /insufficient.scope/i)
      assert.equal(seen.at(-1), era)
      await client.close()
    })
  })
}
