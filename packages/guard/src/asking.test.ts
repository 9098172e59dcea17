// Servers that ask back, on the official SDKs: by a result that is answered with another request from 2026-07-28 on, by
// requests of the server on a stream before.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  McpServer,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { decided, guard, type GuardOptions } from './index.ts'
import {
  createTestIssuer,
  ISSUER,
  legacy,
  type Members,
  messageOf,
  modern as plainModern,
  NOW,
  RESOURCE,
  type TestIssuer,
} from './test-issuer.ts'

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

/** A capability that has to be declared to be asked, put into a request that declares none. */
function modern(method: string, params: Record<string, unknown>, token: string): Promise<Request> {
  const request = plainModern(method, params, token)
  return request.text().then((text) => {
    const body = text.replace('clientCapabilities":{}', 'clientCapabilities":{"elicitation":{}}')
    return new Request(RESOURCE, { method: 'POST', headers: request.headers, body })
  })
}

const bob = (claims: Members = {}): Promise<string> => issuer.token({ scope: 'delete', entitlements: [], ...claims })

function options(): GuardOptions {
  const own = (principal: { sub: string }, { pet }: Readonly<Record<string, unknown>>) =>
    (principal.sub === 'bob' && pet === 'fido') || 'only your own pet'
  return {
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { delete_pet: { scope: 'delete', when: own } },
    prompts: { farewell: 'delete' },
    clock: () => NOW,
    fetch: issuer.fetch,
  }
}

describe('a call that is made again with answers, from 2026-07-28 on', () => {
  const ran: string[] = []
  let serve: (request: Request) => Promise<Response>
  before(() => {
    const state = createRequestStateCodec<{ pet: string }>({ key: crypto.getRandomValues(new Uint8Array(32)) })
    const confirm = inputRequired.elicit({
      message: 'Really?',
      requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } } },
    })
    const handler = createMcpHandler(() => {
      const server = new McpServer(
        { name: 'clinic', version: '1' },
        { requestState: { verify: (given, context) => state.verify(given, context) } },
      )
      server.registerTool('delete_pet', { inputSchema: z.object({ pet: z.string() }) }, async ({ pet }, context) => {
        const { mcpReq, http } = context
        if (acceptedContent(mcpReq.inputResponses, 'confirm') === undefined) {
          return inputRequired({ inputRequests: { confirm }, requestState: await state.mint({ pet }) })
        }
        ran.push(`${pet} by ${decided(http?.authInfo).principal.sub}`)
        return { content: [] }
      })
      server.registerPrompt('farewell', {}, ({ mcpReq }) =>
        acceptedContent(mcpReq.inputResponses, 'confirm') === undefined
          ? inputRequired({ inputRequests: { confirm } })
          : { messages: [] },
      )
      return server
    })
    serve = guard(options())(handler)
  })

  const call = { name: 'delete_pet', arguments: { pet: 'fido' } }
  const answers = { confirm: { action: 'accept', content: { yes: true } } }

  async function firstRound(): Promise<Record<string, unknown>> {
    const { result } = await messageOf(await serve(await modern('tools/call', call, await bob())))
    assert.equal(result?.['resultType'], 'input_required')
    return { ...call, inputResponses: answers, requestState: result['requestState'] }
  }

  test('runs for whoever may make it', async () => {
    const again = await firstRound()
    const { result } = await messageOf(await serve(await modern('tools/call', again, await bob())))
    assert.equal(result?.['resultType'], 'complete')
    assert.deepEqual(ran.splice(0), ['fido by bob'])
  })

  test('is decided anew: what was allowed in the first round is no permission for the second', async () => {
    const again = await firstRound()
    const { error } = await messageOf(await serve(await modern('tools/call', again, await bob({ scope: '' }))))
    assert.equal(error?.message, 'Tool delete_pet not found')
    assert.deepEqual(ran, [])
  })

  test('is decided for the caller of the second round, whoever made the first', async () => {
    const again = await firstRound()
    const carol = await bob({ sub: 'carol' })
    const { result } = await messageOf(await serve(await modern('tools/call', again, carol)))
    assert.match(JSON.stringify(result), /only your own pet/)
    assert.deepEqual(ran, [])
  })

  test('is decided by its own arguments, whatever the first round was about', async () => {
    const again = { ...(await firstRound()), arguments: { pet: 'misty' } }
    const { result } = await messageOf(await serve(await modern('tools/call', again, await bob())))
    assert.match(JSON.stringify(result), /only your own pet/)
    assert.deepEqual(ran, [])
  })

  test('with a state that was tampered with reaches the server, which refuses it', async () => {
    const again = await firstRound()
    const tampered = { ...again, requestState: `${String(again['requestState'])}x` }
    const { error } = await messageOf(await serve(await modern('tools/call', tampered, await bob())))
    assert.equal(error?.code, -32602)
    assert.deepEqual(ran, [])
  })

  test('of a prompt is decided likewise', async () => {
    const again = { name: 'farewell', inputResponses: answers }
    const allowed = await messageOf(await serve(await modern('prompts/get', again, await bob())))
    assert.deepEqual(allowed.result?.['messages'], [])
    const refused = await messageOf(await serve(await modern('prompts/get', again, await bob({ scope: '' }))))
    assert.equal(refused.error?.message, 'Prompt farewell not found')
  })
})

describe('a server that asks on a stream, before 2026-07-28', () => {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  let serve: (request: Request) => Promise<Response>
  before(() => {
    serve = guard(options())(async (request, handed) => {
      const known = sessions.get(request.headers.get('mcp-session-id') ?? '')
      if (known !== undefined) return known.handleRequest(request, handed)
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      })
      const server = new McpServerV1({ name: 'clinic', version: '1' }, { capabilities: { logging: {} } })
      server.registerTool('delete_pet', { inputSchema: { pet: z.string() } }, async ({ pet }, { sendRequest }) => {
        const requestedSchema = { type: 'object' as const, properties: { yes: { type: 'boolean' as const } } }
        const params = { message: 'Really?', requestedSchema }
        const { action } = await sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema)
        return { content: [{ type: 'text', text: `${pet}: ${action}` }] }
      })
      await server.connect(transport as Parameters<typeof server.connect>[0])
      return transport.handleRequest(request, handed)
    })
  })

  function inSession(request: Request, sessionId: string): Request {
    request.headers.set('mcp-session-id', sessionId)
    return request
  }

  async function open(token: string): Promise<string> {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {}, roots: { listChanged: true } },
      clientInfo: { name: 'test', version: '1' },
    }
    const response = await serve(legacy('initialize', params, token))
    await response.text()
    return response.headers.get('mcp-session-id') ?? assert.fail('no session')
  }

  /** A message that is no request: an answer, or a notification. */
  function told(message: object, token: string): Request {
    const { headers } = legacy('ping', {}, token)
    return new Request(RESOURCE, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) })
  }

  test(
    'is answered by the person who was asked, by the same client, and by nobody else',
    { timeout: 20_000 },
    async () => {
      const token = await bob()
      const sessionId = await open(token)
      const call = legacy('tools/call', { name: 'delete_pet', arguments: { pet: 'fido' } }, token)
      const response = await serve(inSession(call, sessionId))
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader() ?? assert.fail('no stream')
      let text = ''
      while (!text.includes('elicitation/create'))
        text += (await reader.read()).value ?? assert.fail('the stream ended')
      const { id } = JSON.parse(/data: (\{.*elicitation\/create.*\})/.exec(text)?.[1] ?? '{}') as { id: unknown }
      const answer = { id, result: { action: 'accept', content: { yes: true } } }
      for (const claims of [{ sub: 'carol' }, { client_id: 'another-app' }]) {
        const foreign = await serve(inSession(told(answer, await bob(claims)), sessionId))
        assert.equal(foreign.status, 404)
      }
      assert.equal((await serve(inSession(told(answer, token), sessionId))).status, 202)
      while (!text.includes('fido: accept')) text += (await reader.read()).value ?? assert.fail('the stream ended')
      await reader.cancel()
    },
  )

  test('hears of changed roots and of the level of its log from the person whose session it is', async () => {
    const sessionId = await open(await bob())
    const carol = await bob({ sub: 'carol' })
    const roots = { method: 'notifications/roots/list_changed' }
    assert.equal((await serve(inSession(told(roots, await bob()), sessionId))).status, 202)
    assert.equal((await serve(inSession(told(roots, carol), sessionId))).status, 404)
    const level = (token: string) => inSession(legacy('logging/setLevel', { level: 'info' }, token), sessionId)
    assert.deepEqual((await messageOf(await serve(level(await bob())))).result, {})
    assert.equal((await serve(level(carol))).status, 404)
    await sessions.get(sessionId)?.close()
  })
})

test('what only servers ask is an unknown method when a client does, in both eras', async () => {
  const reached: unknown[] = []
  const serve = guard(options())(async (_request, { parsedBody }) => {
    reached.push(parsedBody)
    return new Response(null, { status: 202 })
  })
  for (const method of ['roots/list', 'sampling/createMessage', 'elicitation/create', 'tools/anything', '__proto__']) {
    const answers = [await serve(plainModern(method, {}, await bob())), await serve(legacy(method, {}, await bob()))]
    assert.deepEqual(
      await Promise.all(answers.map(async (answer) => (await messageOf(answer)).error?.code)),
      [-32601, -32601],
      method,
    )
  }
  assert.deepEqual(reached, [])
})
