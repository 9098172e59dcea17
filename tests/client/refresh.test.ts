// Tokens that end: one refresh for all who wait, and what happens when there is none.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { memoryRows, webNetwork } from '@permitry/client'
import { sqliteRows } from '@permitry/client/sqlite'
import { listGrants, runCommand, withdrawGrant } from '@permitry/server'
import { appSecret } from '@permitry/testkit'
import { asked, bob, connect, done, withCode } from '../client-conformance/steps.ts'
import { World } from '../client-conformance/world.ts'
import { consent, startClinic } from './clinic.ts'
import type { WorkerReport, WorkerTask } from './worker.ts'

const MINUTE = 60_000

test('a token that ends in the middle of a conversation is refreshed once for all calls that run at the same time', async () => {
  const world = new World()
  const connection = await connect(world, world.app())
  world.as.expireAccessTokens()
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => connection.callTool({ name: 'read' })))
  assert.ok(outcomes.every(({ status }) => status === 'done'))
  assert.equal(refreshesOf(world), 1)
})

test('a token that is about to end is refreshed before it is refused', async () => {
  let now = Date.now()
  const world = new World()
  const connection = await connect(world, world.app({ now: () => now }))
  now += 4.6 * MINUTE
  done(await connection.callTool({ name: 'read' }))
  assert.equal(refreshesOf(world), 1)
  assert.ok(world.seen.slice(-3).every(({ headers }) => headers.get('authorization') !== null))
})

test('two apps with one store refresh once between them, however they meet', async () => {
  const world = new World()
  const store = { rows: memoryRows(), key: new Uint8Array(32).fill(1) }
  const [one, two] = [world.app({ store }), world.app({ store })]
  await connect(world, one)
  for (const round of [1, 2, 3]) {
    world.as.expireAccessTokens()
    const outcomes = await Promise.all([one, two, one].map((client) => client.callTool(bob, { name: 'read' })))
    assert.ok(outcomes.every(({ status }) => status === 'done'))
    assert.equal(refreshesOf(world), round)
  }
})

test('processes that share a store refresh once between them', async (t) => {
  let now = Date.now()
  const clinic = await startClinic({ now: () => now })
  const folder = mkdtempSync(join(tmpdir(), 'permitry-client-'))
  t.after(async () => {
    rmSync(folder, { recursive: true })
    await clinic.close()
  })
  const file = join(folder, 'connections.db')
  const key = Array.from({ length: 32 }, (_, i) => i)
  const rows = sqliteRows(file)
  const client = clinic.app({ store: { rows, key: Uint8Array.from(key) } })
  const request = { user: 'usr_bob', server: clinic.stack.mcpUrl, browser: 'browser' }
  await client.finish(await consent(asked(await client.connect(request)).url, 'bob'), 'browser')
  rows.close()

  now += 6 * MINUTE
  const task: WorkerTask = {
    issuer: clinic.stack.issuer,
    server: clinic.stack.mcpUrl,
    clientSecret: appSecret,
    file,
    key,
    now,
    calls: 5,
  }
  const worker = join(import.meta.dirname, 'worker.ts')
  const processes = [1, 2, 3].map(() => startWorker(worker, task))
  await Promise.all(processes.map(({ ready }) => ready))
  const reports = await Promise.all(processes.map(({ go }) => go()))
  assert.deepEqual(
    reports.flatMap(({ statuses }) => statuses),
    Array(15).fill('done'),
  )
  assert.equal(
    reports.reduce((sum, { refreshes }) => sum + refreshes, 0),
    1,
  )
})

test('a grant that was withdrawn is noticed at the next call, and a new login mends it', async (t) => {
  let now = Date.now()
  const clinic = await startClinic({ now: () => now })
  t.after(() => clinic.close())
  const client = clinic.app()
  const request = { user: 'usr_bob', server: clinic.stack.mcpUrl, browser: 'browser' }
  const login = asked(await client.callTool(request, { name: 'list_pets' }))
  await client.finish(await consent(login.url, 'bob'), 'browser')
  const connection = done(await client.connect(request))

  const operator = {
    store: clinic.stack.store,
    tenant: 'default',
    actor: { kind: 'system', id: 'test' },
    now: () => now,
  } as const
  const [grant] = await listGrants(operator, 'usr_bob')
  assert.equal((await runCommand(operator, withdrawGrant, { id: grant?.id ?? '' })).ok, true)
  now += 6 * MINUTE
  const again = asked(await connection.callTool({ name: 'list_pets' }))
  assert.equal(again.reason, 'login')
  const finished = await client.finish(await consent(again.url, 'bob'), 'browser')
  assert.equal(finished.status, 'authorized')
  assert.match(JSON.stringify(await finished.repeat()), /Fido/)
})

test('an authorization server that is down logs nobody out: the token is used while it lasts, and then the call fails', async () => {
  let now = Date.now()
  const world = new World()
  const connection = await connect(world, world.app({ now: () => now }))
  world.as.faults.token = () => new Response('down', { status: 503 })
  now += 4.6 * MINUTE
  done(await connection.callTool({ name: 'read' }))
  world.as.expireAccessTokens()
  now += MINUTE
  await assert.rejects(connection.callTool({ name: 'read' }), withCode('temporarily_unavailable'))
  world.as.faults.token = () => undefined
  done(await connection.callTool({ name: 'read' }))
})

test('a server whose metadata cannot be read logs nobody out either', async () => {
  let now = Date.now()
  const world = new World()
  let isDown = false
  const network = webNetwork((url, init) =>
    isDown && new URL(url).pathname.endsWith('/prm.json')
      ? Promise.reject(new TypeError('down'))
      : world.network.fetch(url, init),
  )
  const connection = await connect(world, world.app({ network, now: () => now }))
  for (const down of [false, false, true]) {
    isDown = down
    now += 4.6 * MINUTE
    done(await connection.callTool({ name: 'read' }))
  }
  now += MINUTE
  await assert.rejects(connection.callTool({ name: 'read' }), withCode('temporarily_unavailable'))
  isDown = false
  done(await connection.callTool({ name: 'read' }))
})

test('a refresh that is answered after somebody disconnected does not connect them again', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  world.as.expireAccessTokens()
  world.as.faults.token = async () => {
    world.as.faults.token = () => undefined
    await client.disconnect(bob.user, bob.server)
    return undefined
  }
  asked(await connection.callTool({ name: 'read' }))
  assert.equal(refreshesOf(world), 1)
  asked(await client.connect(bob))
})

test('when another process used the refresh token first, its successor is used, and nobody logs in', async () => {
  const world = new World()
  const rows = sqliteRows(':memory:')
  const store = { rows, key: new Uint8Array(32).fill(1) }
  const [one, two] = [world.app({ store }), world.app({ store })]
  const connection = await connect(world, one)
  const [row] = await rows.keys('user/usr_bob/')
  const old = await rows.get(row!)
  world.as.expireAccessTokens()
  done(await two.callTool(bob, { name: 'read' }))
  const successor = await rows.get(row!)
  // As if the lease had run out in the middle: the row that was read first is presented, and meanwhile it changed.
  await rows.replace(row!, successor, old, undefined)
  let put: Promise<boolean> | undefined
  world.as.faults.token = () => void (put ??= rows.replace(row!, old, successor, undefined))
  done(await connection.callTool({ name: 'read' }))
  assert.equal(await put, true)
})

test('a client that its authorization server forgot registers again at the next login', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  world.as.clients.clear()
  world.as.expireAccessTokens()
  asked(await connection.callTool({ name: 'read' }))
  await connect(world, client)
  assert.equal(world.as.registered.length, 2)
})

test('a server that does not see what a token has is given a newer one before anybody is asked', async () => {
  const world = new World()
  const connection = await connect(world, world.app())
  world.settings.stale = world.as.issued.slice()
  done(await connection.callTool({ name: 'read' }))
  assert.equal(refreshesOf(world), 1)
})

test('a list that was kept is asked for again when the token may see more', async () => {
  const world = new World()
  const network = webNetwork(async (url, init) => {
    const response = await world.network.fetch(url, init)
    if (typeof init?.body !== 'string' || !init.body.includes('tools/list')) return response
    const text = (await response.text()).replace('"ttlMs":0', '"ttlMs":300000')
    return new Response(text, { status: response.status, headers: response.headers })
  })
  const client = world.app({ network })
  const connection = await connect(world, client)
  const list = async () => done(await connection.run((mcp) => mcp.listTools()))
  const lists = () => world.seen.filter(({ body }) => body.includes('tools/list')).length
  await list()
  await list()
  assert.equal(lists(), 1)
  const step = asked(await connection.callTool({ name: 'write' }))
  assert.equal((await client.finish(world.as.consent(step.url), bob.browser)).status, 'authorized')
  await list()
  assert.equal(lists(), 2)
})

test('a tool that wants a stronger login gets one, and no refresh is tried for it', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  done(await connection.callTool({ name: 'read' }))
  world.settings.strongerLogin = 'acr_values="urn:mfa", max_age="60"'
  const step = asked(await connection.callTool({ name: 'read' }))
  const { searchParams } = new URL(step.url)
  assert.deepEqual(
    [step.reason, searchParams.get('acr_values'), searchParams.get('max_age'), searchParams.get('scope')],
    ['stronger-login', 'urn:mfa', '60', 'read'],
  )
  assert.equal(refreshesOf(world), 0)
  world.settings.strongerLogin = undefined
  const finished = await client.finish(world.as.consent(step.url), bob.browser)
  assert.equal(finished.status, 'authorized')
  for (const outcome of await finished.repeat()) done(outcome)
})

test('a refresh token does not follow a server to another authorization server', async () => {
  let now = Date.now()
  const world = new World()
  const client = world.app({ now: () => now })
  const connection = await connect(world, client)
  world.settings.issuer = world.addAuthorizationServer('https://next.example').issuer
  // So long that tokens are refreshed and metadata is read anew before anything is sent.
  now += 15 * MINUTE
  assert.equal(asked(await connection.callTool({ name: 'read' })).issuer, 'https://next.example')
  assert.equal(refreshesOf(world), 0)
})

test('registered credentials that are refused are an error for the operator, and not a login', async () => {
  const world = new World()
  world.as.clients.set('app', 'secret')
  const client = world.app({
    registrations: [{ issuer: 'https://as.example', clientId: 'app', clientSecret: 'secret' }],
  })
  const connection = await connect(world, client)
  world.as.clients.set('app', 'another')
  world.as.expireAccessTokens()
  await assert.rejects(connection.callTool({ name: 'read' }), withCode('client_refused'))
})

test('registered credentials that are refused at the end of a login are an error for the operator too', async () => {
  const world = new World()
  world.as.clients.set('app', 'secret')
  const registrations = [{ issuer: 'https://as.example', clientId: 'app', clientSecret: 'mistyped' }]
  const client = world.app({ registrations })
  const { url } = asked(await client.connect(bob))
  await assert.rejects(client.finish(world.as.consent(url), bob.browser), withCode('client_refused'))
})

test('a client that was forgotten while a person logged in registers again at the next login', async () => {
  const world = new World()
  const client = world.app()
  const { url } = asked(await client.connect(bob))
  world.as.clients.clear()
  const finished = await client.finish(world.as.consent(url), bob.browser)
  assert.deepEqual([finished.status, 'reason' in finished && finished.reason], ['not_authorized', 'code_refused'])
  await connect(world, client)
})

/** A process that waits until all are ready, so that they meet. */
function startWorker(path: string, task: WorkerTask): { ready: Promise<unknown>; go: () => Promise<WorkerReport> } {
  const child = spawn(process.execPath, [path, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ready: lines.next(),
    async go() {
      child.stdin.end('go\n')
      return JSON.parse((await lines.next()).value ?? '') as WorkerReport
    },
  }
}

function refreshesOf(world: World): number {
  return world.to('/token').filter(({ form }) => form.get('grant_type') === 'refresh_token').length
}
