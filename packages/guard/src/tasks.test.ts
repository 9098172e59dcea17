import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { type CallToolResult, createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { guard, type GuardOptions, type HandlerOptions } from './index.ts'
import {
  createTestIssuer,
  ISSUER,
  legacy,
  type Members,
  messageOf,
  NOW,
  RESOURCE,
  type TestIssuer,
} from './test-issuer.ts'

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

type Serve = (request: Request) => Promise<Response>

interface Clinic {
  readonly serve: Serve
  /** Methods about tasks that reached the server. */
  readonly reached: string[]
  /** Owners whose rule for objects still says yes. */
  readonly allowed: Set<string>
}

/** Options of a clinic where examinations take their time. */
function options(allowed: Set<string>, more: Partial<GuardOptions> = {}): GuardOptions {
  return {
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tasks: true,
    tools: {
      examine: {
        scope: 'examine',
        when: ({ sub }, { pet }) => (pet === 'fido' && allowed.has(sub)) || 'only your own pet',
      },
    },
    clock: () => NOW,
    fetch: issuer.fetch,
    ...more,
  }
}

/** By the extension, on the SDK of the second generation. */
function modernClinic(more?: Partial<GuardOptions>): Clinic {
  const reached: string[] = []
  const allowed = new Set(['bob', 'carol'])
  const tasks = new Map<string, object>()
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'clinic', version: '1' })
      server.registerTool('examine', { inputSchema: z.object({ pet: z.string() }) }, () => {
        const at = new Date(NOW).toISOString()
        const task = { taskId: randomUUID(), status: 'working', createdAt: at, lastUpdatedAt: at, ttlMs: null }
        tasks.set(task.taskId, task)
        return { ...task, resultType: 'task' } as unknown as CallToolResult
      })
      const params = z.looseObject({ taskId: z.string() })
      for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
        server.server.setRequestHandler(method, { params }, ({ taskId }) => {
          reached.push(method)
          return method === 'tasks/get' ? { ...tasks.get(taskId) } : {}
        })
      }
      return server
    },
    { legacy: 'reject' },
  )
  const serve = guard(options(allowed, more))(async (request, handed) => {
    const { method } = handed.parsedBody as { method: string }
    if (method !== 'subscriptions/listen') return handler.fetch(request, handed)
    return Response.json({ jsonrpc: '2.0', id: 1, result: { asked: handed.parsedBody } })
  })
  return { serve, reached, allowed }
}

/** Each keeps a timer for as long as its tasks live, and the process with it. */
const stores: InMemoryTaskStore[] = []
after(() => stores.forEach((store) => store.cleanup()))

/** Of 2025-11-25, on the SDK of the first generation and its own store. */
function legacyClinic(): Clinic {
  const reached: string[] = []
  const allowed = new Set(['bob', 'carol'])
  const taskStore = new InMemoryTaskStore()
  stores.push(taskStore)
  const capabilities = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }
  async function handle(request: Request, { authInfo, parsedBody }: HandlerOptions): Promise<Response> {
    const { method } = parsedBody as { method: string }
    if (method.startsWith('tasks/')) reached.push(method)
    const server = new McpServerV1({ name: 'clinic', version: '1' }, { capabilities, taskStore })
    server.experimental.tasks.registerToolTask(
      'examine',
      { inputSchema: { pet: z.string() }, execution: { taskSupport: 'optional' } },
      {
        createTask: async (_args, extra) => ({ task: await extra.taskStore.createTask({ ttl: 60_000 }) }),
        getTask: async (_args, extra) => extra.taskStore.getTask(extra.taskId),
        getTaskResult: async (_args, extra) => (await extra.taskStore.getTaskResult(extra.taskId)) as never,
      },
    )
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport as Parameters<typeof server.connect>[0])
    return transport.handleRequest(request, { authInfo, parsedBody })
  }
  return { serve: guard(options(allowed))(handle), reached, allowed }
}

const EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

/** As `modern`, with the extension, and the header that mirrors a task. */
function modern(
  method: string,
  params: Record<string, unknown>,
  token: string,
  capabilities: object = EXTENSION,
): Request {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  }
  const name = params['taskId'] ?? params['name']
  return new Request(RESOURCE, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      authorization: `Bearer ${token}`,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  })
}

const bob = (claims: Members = {}): Promise<string> =>
  issuer.token({ scope: 'examine', entitlements: ['examine'], ...claims })

/** Somebody else, and the same person by another client or another issuer's account. */
const OTHERS: readonly Members[] = [{ sub: 'carol' }, { client_id: 'another-app' }]

interface Era {
  readonly clinic: () => Clinic
  readonly send: (method: string, params: Record<string, unknown>, token: string) => Request
  readonly methods: readonly string[]
  /** What a client adds to a call that may become a task. */
  readonly asTask: object
}

const eras: Readonly<Record<string, Era>> = {
  '2026-07-28': {
    clinic: modernClinic,
    send: modern,
    methods: ['tasks/get', 'tasks/update', 'tasks/cancel'],
    asTask: {},
  },
  '2025-11-25': {
    clinic: legacyClinic,
    send: legacy,
    // Without `tasks/result`, which waits for a task that is still at work.
    methods: ['tasks/get', 'tasks/cancel'],
    asTask: { task: { ttl: 60_000 } },
  },
}

for (const [revision, { clinic, send, methods, asTask }] of Object.entries(eras)) {
  describe(`tasks of ${revision}`, () => {
    async function start({ serve }: Clinic, token: string): Promise<string> {
      const call = { name: 'examine', arguments: { pet: 'fido' }, ...asTask }
      const { result } = await messageOf(await serve(send('tools/call', call, token)))
      const { taskId } = (result?.['task'] ?? result ?? {}) as { taskId?: string }
      return taskId ?? assert.fail(`no task: ${JSON.stringify(result)}`)
    }

    test('are there for whoever started them, by the same client', async () => {
      const there = clinic()
      const taskId = await start(there, await bob())
      for (const method of methods) {
        const { error } = await messageOf(await there.serve(send(method, { taskId }, await bob())))
        assert.equal(error, undefined, method)
      }
      assert.deepEqual(there.reached, methods)
    })

    test('are not there for anybody else: a foreign task and an absent one are answered alike, by every method', async () => {
      const there = clinic()
      const taskId = await start(there, await bob())
      for (const method of [...methods, ...(revision === '2025-11-25' ? ['tasks/result'] : [])]) {
        for (const claims of OTHERS) {
          const token = await bob(claims)
          const foreign = await there.serve(send(method, { taskId }, token))
          const absent = await there.serve(send(method, { taskId: randomUUID() }, token))
          assert.deepEqual([foreign.status, await messageOf(foreign)], [absent.status, await messageOf(absent)])
        }
      }
      assert.deepEqual(there.reached, [])
    })

    test('are asked about anew by the rule of their tool, arguments included', async () => {
      const there = clinic()
      const taskId = await start(there, await bob())
      there.allowed.delete('bob')
      const refused = await messageOf(await there.serve(send('tasks/get', { taskId }, await bob())))
      assert.deepEqual([refused.error?.code, refused.error?.message], [-32602, 'Task not found'])
      there.allowed.add('bob')
      const challenged = await there.serve(send('tasks/get', { taskId }, await bob({ scope: '' })))
      assert.equal(challenged.status, 403)
      assert.match(challenged.headers.get('www-authenticate') ?? '', /scope="examine"/)
      const gone = await messageOf(
        await there.serve(send('tasks/get', { taskId }, await bob({ scope: '', entitlements: [] }))),
      )
      assert.equal(gone.error?.message, 'Task not found')
      assert.deepEqual(there.reached, [])
    })

    test('need an id that is a text', async () => {
      const { error } = await messageOf(await clinic().serve(send('tasks/get', { taskId: [1] }, await bob())))
      assert.ok(error?.code === -32602 || error?.code === -32020)
    })
  })
}

test('a list of tasks of 2025-11-25 shows the caller’s own', async () => {
  const there = legacyClinic()
  const call = { name: 'examine', arguments: { pet: 'fido' }, task: { ttl: 60_000 } }
  const started: unknown[] = []
  for (const claims of [{}, ...OTHERS]) {
    const { result } = await messageOf(await there.serve(legacy('tools/call', call, await bob(claims))))
    started.push((result?.['task'] as { taskId: string } | undefined)?.taskId ?? assert.fail('no task'))
  }
  for (const [index, claims] of [{}, ...OTHERS].entries()) {
    const { result } = await messageOf(await there.serve(legacy('tasks/list', {}, await bob(claims))))
    const ids = ((result?.['tasks'] ?? []) as { taskId: string }[]).map(({ taskId }) => taskId)
    assert.deepEqual(ids, [started[index]])
  }
})

test('a subscription of 2026-07-28 is to the caller’s own tasks', async () => {
  const there = modernClinic()
  const call = { name: 'examine', arguments: { pet: 'fido' } }
  const { result } = await messageOf(await there.serve(modern('tools/call', call, await bob())))
  const own = result?.['taskId']
  const listen = { notifications: { taskIds: [own, randomUUID()], toolsListChanged: true } }
  const asked = async (claims: Members): Promise<unknown> => {
    const answer = await messageOf(await there.serve(modern('subscriptions/listen', listen, await bob(claims))))
    const seen = answer.result?.['asked'] as { params: { notifications: unknown } } | undefined
    return seen?.params.notifications
  }
  assert.deepEqual(await asked({}), { taskIds: [own], toolsListChanged: true })
  for (const claims of OTHERS) assert.deepEqual(await asked(claims), { taskIds: [], toolsListChanged: true })
  const many = { notifications: { taskIds: Array.from({ length: 101 }, () => 'x') } }
  assert.equal(
    (await messageOf(await there.serve(modern('subscriptions/listen', many, await bob())))).error?.code,
    -32602,
  )
})

test('a client that does not declare the extension is told so, whatever the task', async () => {
  const there = modernClinic()
  const answer = await there.serve(modern('tasks/get', { taskId: 'x' }, await bob(), {}))
  assert.equal(answer.status, 400)
  assert.equal((await messageOf(answer)).error?.code, -32021)
})

test('the header that names a task must be the one in the body', async () => {
  const there = modernClinic()
  const request = modern('tasks/get', { taskId: 'x' }, await bob())
  request.headers.set('mcp-name', 'y')
  assert.equal((await messageOf(await there.serve(request))).error?.code, -32020)
})

test('where the options name no tasks, their methods are unknown ones, and no subscription is to one', async () => {
  const there = modernClinic({ tasks: false })
  const answer = await there.serve(modern('tasks/get', { taskId: 'x' }, await bob()))
  assert.deepEqual([answer.status, (await messageOf(answer)).error?.code], [404, -32601])
  const list = await messageOf(await there.serve(legacy('tasks/list', {}, await bob())))
  assert.equal(list.error?.code, -32601)
  const listen = { notifications: { taskIds: ['x'] } }
  const { result } = await messageOf(await there.serve(modern('subscriptions/listen', listen, await bob())))
  assert.match(JSON.stringify(result), /"taskIds":\[\]/)
})
