// What is taken away at the authorization server, as guards over HTTP know it: connected, cut off, or started late.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { guard, type GuardOptions, type Protect } from '@permitry/guard'
import {
  endSession,
  hashPassword,
  listGrants,
  listSessions,
  runCommand,
  setPassword,
  suspendClient,
  suspendSubject,
  unassignRole,
  withdrawGrant,
} from '@permitry/server'
import {
  addCredential,
  type Person,
  people,
  requestToken,
  type ServerCredential,
  startStack,
  type Stack,
  VET_ASSIST,
} from '@permitry/testkit'
import { READ, tokensOf } from '../security/world.ts'
import { createProxy, type Proxy } from './proxy.ts'
import { createTimers } from './timers.ts'

const SECRET = '0123456789abcdef'.repeat(4)
/** A long poll would be answered by then without any news, so what is refused before was signalled. */
const BEFORE_A_POLL_IS_OVER_MS = 4_000

let stack: Stack
let proxy: Proxy
let credential: ServerCredential
before(async () => {
  proxy = await createProxy()
  stack = await startStack({
    issuer: proxy.origin,
    change(config) {
      const [app] = config.clients
      if (!app) throw new Error('the example has a client')
      const job = {
        ...app,
        id: 'night-job',
        name: 'Night job',
        secret: SECRET,
        redirect_uris: [],
        post_logout_redirect_uris: [],
        grant_types: ['client_credentials' as const],
        roles: ['vet-staff'],
      }
      return { ...config, clients: [...config.clients, job] }
    },
  })
  proxy.leadTo(stack.origin)
  credential = await addCredential(stack)
})
after(async () => {
  await stack.close()
  await proxy.close()
})

interface Guarded {
  readonly protect: Protect
  /** The status of a call with a token. */
  readonly call: (token: string) => Promise<number>
  /** Calls until the answer is another one than this, and says which. */
  readonly callWhile: (status: number, token: string) => Promise<number>
}

/** An MCP server behind a guard with the credential. */
function open(options: Partial<GuardOptions> = {}): Guarded {
  const protect = guard({
    issuer: stack.issuer,
    credential,
    resource: stack.mcpUrl,
    names: [VET_ASSIST],
    defaultScopes: [READ],
    tools: { list_pets: READ, whoami: [] },
    onError: () => {},
    ...options,
  })
  const handle = protect(async () => Response.json({ jsonrpc: '2.0', id: 1, result: { content: [] } }))
  async function call(token: string): Promise<number> {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_pets', arguments: {} } }
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      authorization: `Bearer ${token}`,
    }
    return (await handle(new Request(stack.mcpUrl, { method: 'POST', headers, body: JSON.stringify(message) }))).status
  }
  async function callWhile(status: number, token: string): Promise<number> {
    const begun = Date.now()
    for (;;) {
      const answered = await call(token)
      if (answered !== status) return answered
      assert.ok(Date.now() - begun < BEFORE_A_POLL_IS_OVER_MS, `still ${status}`)
      // The guards of this process have to get their turn.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { protect, call, callWhile }
}

const operator = () =>
  ({ store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now }) as const
const must = async (done: ReturnType<typeof runCommand>): Promise<void> =>
  assert.deepEqual(await done, { ok: true, value: 'changed' })

const tokenOf = async (person: Person): Promise<string> =>
  (await tokensOf(stack.issuer, person, { resource: VET_ASSIST })).access

async function withdraw(person: Person): Promise<void> {
  for (const { id } of await listGrants(operator(), people[person])) {
    await must(runCommand(operator(), withdrawGrant, { id }))
  }
}

async function tokenOfAgent(): Promise<string> {
  const form = { client_id: 'night-job', grant_type: 'client_credentials', resource: VET_ASSIST, scope: READ }
  const { body } = await requestToken(stack.issuer, form, SECRET)
  return String(body['access_token'])
}

describe('a guard that is cut off for a minute', () => {
  for (const onSignalLoss of ['allow', 'deny'] as const) {
    const meanwhile = onSignalLoss === 'allow' ? 200 : 503
    test(`answers ${meanwhile} meanwhile when losses ${onSignalLoss} calls, and knows what it missed when it says that it is connected`, async (t) => {
      const { advance, ...timers } = createTimers()
      const { protect, call, callWhile } = open({ onSignalLoss, ...timers })
      t.after(() => protect.close())
      const token = await tokenOf('carol')
      assert.equal(await callWhile(503, token), 200)
      proxy.cut()
      advance(60_000)
      // Carol goes by another way than the guard.
      await withdraw('carol')
      assert.equal(protect.status().signals, 'degraded')
      assert.equal(await call(token), meanwhile)
      proxy.heal()
      assert.equal(await callWhile(meanwhile, token), 401)
    })
  }

  test('never serves a token that was revoked meanwhile once it is back, however often it is asked', async (t) => {
    const { advance, ...timers } = createTimers()
    const { protect, call, callWhile } = open({ onSignalLoss: 'allow', ...timers })
    t.after(() => protect.close())
    const token = await tokenOf('carol')
    assert.equal(await callWhile(503, token), 200)
    proxy.cut()
    advance(60_000)
    await withdraw('carol')
    proxy.heal()
    const begun = Date.now()
    for (;;) {
      const wasConnected = protect.status().signals === 'connected'
      const status = await call(token)
      if (wasConnected) {
        assert.equal(status, 401)
        break
      }
      assert.ok(Date.now() - begun < BEFORE_A_POLL_IS_OVER_MS, 'still degraded')
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
})

describe('a guard that starts after the revocation', () => {
  test('refuses from the first call that it answers', async (t) => {
    const revoked = await tokenOf('carol')
    await withdraw('carol')
    const good = await tokenOf('carol')
    const { protect, call, callWhile } = open()
    t.after(() => protect.close())
    assert.equal(await callWhile(503, revoked), 401)
    assert.equal(await call(good), 200)
  })

  test('serves nothing while its authorization server cannot be reached, whatever it does about losses', async (t) => {
    const token = await tokenOf('carol')
    proxy.cut()
    const { protect, call, callWhile } = open({ onSignalLoss: 'allow' })
    t.after(() => protect.close())
    const refused = call(token)
    proxy.heal()
    assert.equal(await refused, 503)
    assert.equal(await callWhile(503, token), 200)
  })
})

describe('guards that are connected', () => {
  let guards: Guarded[] = []
  before(() => void (guards = [open(), open({ onSignalLoss: 'deny' })]))
  after(async () => void (await Promise.all(guards.map(({ protect }) => protect.close()))))

  const ways: readonly (readonly [what: string, token: () => Promise<string>, act: () => Promise<void>])[] = [
    ['a grant is withdrawn', () => tokenOf('bob'), () => withdraw('bob')],
    [
      'a session is ended',
      () => tokenOf('carol'),
      async () => {
        for (const { id } of await listSessions(operator(), people.carol))
          await must(runCommand(operator(), endSession, { id }))
      },
    ],
    [
      'a password is changed',
      () => tokenOf('carol'),
      async () => {
        const passwordHash = await hashPassword('carol-vet-demo')
        await must(runCommand(operator(), setPassword, { id: people.carol, passwordHash }))
      },
    ],
    [
      'a role is taken from a person',
      () => tokenOf('dana'),
      () => must(runCommand(operator(), unassignRole, { roleId: 'vet-staff', subjectId: people.dana })),
    ],
    ['an agent is suspended', tokenOfAgent, () => must(runCommand(operator(), suspendSubject, { id: 'night-job' }))],
    [
      'a client is suspended',
      () => tokenOf('bob'),
      () => must(runCommand(operator(), suspendClient, { id: 'vet-assist-dev' })),
    ],
  ]
  for (const [what, getToken, act] of ways) {
    test(`refuse at once, each of them, when ${what}`, async () => {
      const token = await getToken()
      const before = await Promise.all(guards.map(({ callWhile }) => callWhile(503, token)))
      assert.deepEqual(before, [200, 200])
      await act()
      const after = await Promise.all(guards.map(({ callWhile }) => callWhile(200, token)))
      assert.deepEqual(after, [401, 401])
    })
  }
})
