import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { SIGNING_ALGS } from '@permitry/oauth'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { all, decided, guard, objectRule, where, type GuardOptions } from './index.ts'
import {
  createTestIssuer,
  ISSUER,
  legacy,
  messageOf,
  modern,
  NOW,
  RESOURCE,
  toolsOf,
  type TestIssuer,
} from './test-issuer.ts'

interface Pet {
  id: string
  ownerId: string
  name: string
}
const PETS: Pet[] = [
  { id: 'fido', ownerId: 'bob', name: 'Fido' },
  { id: 'misty', ownerId: 'carol', name: 'Misty' },
]
const READ = 'pet-profile:read'
const WRITE = 'pet-profile:write'
const METADATA = 'https://mcp.vet.example/.well-known/oauth-protected-resource/mcp'

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

function protectedServer(options: Partial<GuardOptions> = {}): (request: Request) => Promise<Response> {
  const pet = objectRule({
    argument: '$.petId',
    type: 'pet',
    load: (id) => PETS.find((one) => one.id === id),
    plan: ({ sub, roles }) => (roles.includes('Vet Staff') ? all : where({ ownerId: sub })),
  })
  const protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    names: ['mcp://vetassist'],
    defaultScopes: [READ],
    scopes: { [WRITE]: { implies: [READ] } },
    tools: {
      clinic_hours: { scope: [] },
      show_pet: { scope: READ, input: z.object({ petId: z.string() }), object: pet },
      update_pet: { scope: [WRITE], input: z.object({ petId: z.string(), name: z.string() }), object: pet },
      delete_pet: { scope: WRITE, whenNever: 'explain' },
    },
    clock: () => NOW,
    fetch: issuer.fetch,
    ...options,
  })
  return protect(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'vet', version: '1' })
      server.registerTool('clinic_hours', { inputSchema: z.object({}) }, () => text('9 to 5'))
      server.registerTool('show_pet', { inputSchema: z.object({ petId: z.string() }) }, (_args, ctx) =>
        text(decided<{ object: Pet }>(ctx.http?.authInfo).object.name),
      )
      server.registerTool(
        'update_pet',
        { inputSchema: z.object({ petId: z.string(), name: z.string() }) },
        (_args, ctx) => text(JSON.stringify(decided(ctx.http?.authInfo).arguments)),
      )
      server.registerTool('delete_pet', { inputSchema: z.object({}) }, () => text('gone'))
      server.registerTool('forgotten', { inputSchema: z.object({}) }, () => text('no rule names me'))
      return server
    }),
  )
}

function text(value: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: value }] }
}

function call(name: string, args: Record<string, unknown> = {}): [string, Record<string, unknown>] {
  return ['tools/call', { name, arguments: args }]
}

for (const [era, send] of Object.entries({ modern, legacy })) {
  describe(`${era} era, createMcpHandler of @modelcontextprotocol/server`, () => {
    test('a request without a token is answered by a constant challenge, its body unread', async () => {
      const request = send(...call('clinic_hours'))
      const response = await protectedServer()(request)
      assert.equal(response.status, 401)
      const challenge = response.headers.get('www-authenticate')
      assert.ok(
        challenge?.startsWith(`Bearer scope="${READ}", resource_metadata="${METADATA}", DPoP algs="ES256 `),
        String(challenge),
      )
      assert.equal(request.bodyUsed, false)
    })

    test('a tool that needs no scope runs for a valid token', async () => {
      const token = await issuer.token({ scope: '' })
      const { result } = await messageOf(await protectedServer()(send(...call('clinic_hours'), token)))
      assert.deepEqual(result?.['content'], [{ type: 'text', text: '9 to 5' }])
    })

    test('the object that was decided on is the object that the tool gets', async () => {
      const token = await issuer.token()
      const { result } = await messageOf(await protectedServer()(send(...call('show_pet', { petId: 'fido' }), token)))
      assert.deepEqual(result?.['content'], [{ type: 'text', text: 'Fido' }])
    })

    test('a scope that could still be had is challenged, with all scopes of the operation', async () => {
      const token = await issuer.token({ entitlements: [READ, WRITE] })
      const response = await protectedServer()(send(...call('delete_pet'), token))
      assert.equal(response.status, 403)
      const challenge = response.headers.get('www-authenticate') ?? ''
      assert.match(challenge, /^Bearer error="insufficient_scope"/)
      assert.match(challenge, new RegExp(`scope="${WRITE}", resource_metadata="${METADATA}"$`))
    })

    test('a broader scope carries the narrower one', async () => {
      const token = await issuer.token({ scope: WRITE })
      const { result } = await messageOf(await protectedServer()(send(...call('show_pet', { petId: 'fido' }), token)))
      assert.deepEqual(result?.['content'], [{ type: 'text', text: 'Fido' }])
    })

    test('a hidden tool, a tool without a rule and a tool that does not exist get the same answer', async () => {
      const token = await issuer.token({ entitlements: [READ] })
      const serve = protectedServer()
      const answers = await Promise.all(
        ['update_pet', 'forgotten', 'nothing'].map(async (name) => {
          const response = await serve(send(...call(name), token))
          return [response.status, [...response.headers], (await response.text()).replace(name, 'x')]
        }),
      )
      assert.deepEqual(answers[1], answers[0])
      assert.deepEqual(answers[2], answers[0])
    })

    test('`explain` names the missing permission in an error that a model reads', async () => {
      const token = await issuer.token({ entitlements: [READ] })
      const { result } = await messageOf(await protectedServer()(send(...call('delete_pet'), token)))
      assert.equal(result?.['isError'], true)
      assert.match(JSON.stringify(result), /pet-profile:write.*dec_/)
    })

    test('a foreign object and an absent one get the same answer, apart from the decision id', async () => {
      const token = await issuer.token()
      const serve = protectedServer()
      const [foreign, absent] = await Promise.all(
        ['misty', 'nessie'].map(async (petId) => {
          const response = await serve(send(...call('show_pet', { petId }), token))
          return [response.status, [...response.headers], (await response.text()).replace(/dec_[\w-]+/, 'dec_')]
        }),
      )
      assert.deepEqual(foreign, absent)
      assert.match(JSON.stringify(foreign), /isError/)
    })

    test('arguments that do not fit the schema are an error that a model can act on', async () => {
      const token = await issuer.token()
      const { result } = await messageOf(await protectedServer()(send(...call('show_pet', { petId: 7 }), token)))
      assert.equal(result?.['isError'], true)
      assert.match(JSON.stringify(result), /petId/)
    })

    test('a list shows what can be called, what can be asked for and what is explained', async () => {
      const token = await issuer.token({ entitlements: [READ] })
      const response = await protectedServer()(send('tools/list', {}, token))
      assert.deepEqual(await toolsOf(response.clone()), ['clinic_hours', 'show_pet', 'delete_pet'])
      const { result } = await messageOf(response)
      assert.equal(result?.['cacheScope'], era === 'modern' ? 'private' : undefined)
    })

    test('without the claim `entitlements` a list shows everything that a rule names', async () => {
      const token = await issuer.token()
      const names = await toolsOf(await protectedServer()(send('tools/list', {}, token)))
      assert.deepEqual(names, ['clinic_hours', 'show_pet', 'update_pet', 'delete_pet'])
    })

    test('the handler never sees the token', async () => {
      const token = await issuer.token()
      const protect = guard({
        issuer: ISSUER,
        resource: RESOURCE,
        defaultScopes: [],
        tools: { clinic_hours: [] },
        clock: () => NOW,
        fetch: issuer.fetch,
      })
      let seen = ''
      const serve = protect(async (request, options) => {
        seen = JSON.stringify([[...request.headers], options, request.url])
        return new Response(null, { status: 202 })
      })
      assert.equal((await serve(send(...call('clinic_hours'), token))).status, 202)
      assert.ok(seen.includes('clinic_hours'))
      assert.ok(!seen.includes(token.slice(-40)))
    })
  })
}

test('the metadata is served at both well-known places, to any origin', async () => {
  const serve = protectedServer()
  for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']) {
    const response = await serve(new Request(new URL(path, RESOURCE), { headers: { origin: 'https://app.example' } }))
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/json')
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.deepEqual(await response.json(), {
      resource: RESOURCE,
      authorization_servers: [ISSUER],
      scopes_supported: [READ],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: SIGNING_ALGS,
    })
  }
})

for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'HEAD']) {
  test(`${method} needs a token as POST does, at any path`, async () => {
    for (const url of [RESOURCE, `${RESOURCE}/sub`, 'https://mcp.vet.example/', 'https://mcp.vet.example/mcp?x=1']) {
      assert.equal((await protectedServer()(new Request(url, { method }))).status, 401)
    }
  })
}

describe('answers that show what there is', () => {
  /** A handler that answers with whatever it is given. */
  function answering(body: string, headers: Record<string, string>): (request: Request) => Promise<Response> {
    const protect = guard({
      issuer: ISSUER,
      resource: RESOURCE,
      defaultScopes: [],
      tools: { shown: [] },
      clock: () => NOW,
      fetch: issuer.fetch,
    })
    return protect(async () => new Response(body, { headers }))
  }
  const tools = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    result: { tools: [{ name: 'shown' }, { name: 'hidden' }, {}] },
  })

  test('leave out what has no rule, and what has no name', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': String(tools.length) }
    const response = await answering(tools, headers)(modern('tools/list', {}, await issuer.token()))
    assert.equal(response.headers.get('content-length'), null, 'the length has changed')
    assert.deepEqual(await toolsOf(response), ['shown'])
  })

  test('are filtered on a resumed stream too, where the answer belongs to an earlier request', async () => {
    const serve = answering(`id: 7\ndata: ${tools}\n\n`, { 'content-type': 'text/event-stream' })
    const headers = { authorization: `Bearer ${await issuer.token()}`, accept: 'text/event-stream' }
    assert.deepEqual(await toolsOf(await serve(new Request(RESOURCE, { headers }))), ['shown'])
  })

  test('are not shown at all when they cannot be read', async () => {
    const token = await issuer.token()
    const compressed = answering(tools, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    await assert.rejects(compressed(modern('tools/list', {}, token)), /compress outside/)
    const response = await answering(`<p>${tools}`, { 'content-type': 'text/html' })(modern('tools/list', {}, token))
    assert.equal(await response.text(), '')
  })
})

describe('a stream that goes on', () => {
  function streaming(onCancel: () => void): (request: Request) => Promise<Response> {
    const protect = guard({
      issuer: ISSUER,
      resource: RESOURCE,
      defaultScopes: [],
      tools: {},
      clock: () => NOW,
      fetch: issuer.fetch,
    })
    return protect(async () => {
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(': hello\n\n')),
        cancel: onCancel,
      })
      return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
    })
  }

  async function open(
    serve: (request: Request) => Promise<Response>,
  ): Promise<ReadableStreamDefaultReader<Uint8Array>> {
    const token = await issuer.token({ exp: NOW / 1000 + 60 })
    const response = await serve(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
    const reader = response.body?.getReader() ?? assert.fail('no stream')
    assert.equal(new TextDecoder().decode((await reader.read()).value), ': hello\n\n')
    return reader
  }

  test('ends with the token, and the server behind learns it', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    let cancelled = false
    const reader = await open(streaming(() => (cancelled = true)))
    context.mock.timers.tick(59_999)
    assert.equal(cancelled, false)
    context.mock.timers.tick(1)
    assert.deepEqual(await reader.read(), { done: true, value: undefined })
    assert.equal(cancelled, true)
  })

  test('ends when the client goes, and the server behind learns it', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>()
    const reader = await open(streaming(resolve))
    await reader.cancel()
    await cancelled
  })
})
