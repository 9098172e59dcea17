// Users of one app share a process, a store and an authorization server, and nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AppClient, memoryRows } from '@permitry/client'
import fc from 'fast-check'
import { asked, bob, connect, done, withCode } from '../client-conformance/steps.ts'
import { SERVER, World } from '../client-conformance/world.ts'

const USERS = ['anna', 'ben', 'cleo'] as const
type User = (typeof USERS)[number]
const requestOf = (user: User) => ({ user: `usr_${user}`, server: SERVER, browser: `browser of ${user}` })

/** A user makes a call, logs in where it must be, and must be answered as nobody else. */
async function call(world: World, client: AppClient, user: User): Promise<void> {
  const request = requestOf(user)
  let outcome = await client.callTool(request, { name: 'read' })
  if (outcome.status === 'authorize') {
    const finished = await client.finish(world.as.consent(outcome.url, user), request.browser)
    // Somebody else of this user may have disconnected or finished in between; that is not what is looked at here.
    if (finished.status !== 'authorized') return
    assert.equal(finished.user, request.user)
    outcome = (await finished.repeat())[0] ?? outcome
  }
  if (outcome.status === 'done') assert.deepEqual(outcome.result.content, [{ type: 'text', text: `read for ${user}` }])
}

/** A response of one user that is brought by the browser of another. */
async function smuggle(world: World, client: AppClient, user: User): Promise<void> {
  const victim = requestOf(USERS[(USERS.indexOf(user) + 1) % USERS.length]!)
  const outcome = await client.connect({ ...requestOf(user), user: `usr_${user}_fresh` })
  if (outcome.status !== 'authorize') return
  assert.equal((await client.finish(world.as.consent(outcome.url, user), victim.browser)).status, 'not_authorized')
}

let now = Date.now()

const steps = {
  call,
  /** Long enough for tokens to be refreshed before they are used. */
  wait: async () => void (now += 5 * 60_000),
  smuggle,
  disconnect: (_world: World, client: AppClient, user: User) => client.disconnect(`usr_${user}`, SERVER),
  forget: (_world: World, client: AppClient, user: User) => client.forget(`usr_${user}`),
  expire: async (world: World) => world.as.expireAccessTokens(),
  withdraw: async (world: World) => world.as.endFamilies(),
}

test('whatever users do at the same time, in two processes, each is answered with the own token and never with another', async () => {
  const step = fc.record({
    user: fc.constantFrom(...USERS),
    process: fc.constantFrom(0, 1),
    does: fc.constantFrom('call', 'call', 'call', 'wait', 'smuggle', 'disconnect', 'forget', 'expire', 'withdraw'),
  })
  const together = fc.array(step, { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.array(together, { minLength: 1, maxLength: 6 }), async (story) => {
      const world = new World()
      const store = { rows: memoryRows(), key: new Uint8Array(32).fill(1) }
      const processes = [1, 2].map(() => world.app({ store, now: () => now }))
      for (const moment of story)
        await Promise.all(moment.map(({ user, process, does }) => steps[does](world, processes[process]!, user)))
      for (const user of USERS) await call(world, processes[0]!, user)
      await steps.wait()
      await Promise.all([...USERS, ...USERS].map((user) => call(world, processes[0]!, user)))
    }),
    { numRuns: 60 },
  )
})

test('where the app knows who must log in, nobody else can: their tokens are revoked and not kept', async () => {
  const world = new World()
  const client = world.app()
  const request = { ...bob, subject: 'bob' }
  const { url } = asked(await client.connect(request))
  assert.match(new URL(url).searchParams.get('scope') ?? '', /openid/)
  const finished = await client.finish(world.as.consent(url, 'carol'), bob.browser)
  assert.deepEqual([finished.status, 'reason' in finished && finished.reason], ['not_authorized', 'other_person'])
  assert.deepEqual(world.as.revoked, [world.as.issued[1]])
  await connect(world, client, request)
})

for (const [what, claims] of [
  ['of another issuer', { iss: 'https://evil.example' }],
  ['for another client', { aud: 'client-of-somebody' }],
  ['for other clients', { aud: ['a', 'b'] }],
  ['without a subject', { sub: undefined }],
] as const) {
  test(`an ID token ${what} names nobody`, async () => {
    const world = new World()
    world.as.faults.idToken = (right) => ({ ...right, ...claims })
    const client = world.app()
    const { url } = asked(await client.connect({ ...bob, subject: 'bob' }))
    assert.equal((await client.finish(world.as.consent(url), bob.browser)).status, 'not_authorized')
  })
}

test('an authorization server that does not say who logged in is not believed to have asked the right person', async () => {
  const world = new World()
  world.as.faults.grant = (scopes) => scopes.filter((scope) => scope !== 'openid')
  const client = world.app()
  const { url } = asked(await client.connect({ ...bob, subject: 'bob' }))
  assert.equal((await client.finish(world.as.consent(url), bob.browser)).status, 'not_authorized')
})

test('disconnecting also forgets what an earlier authorization server gave', async () => {
  const world = new World()
  const rows = memoryRows()
  const client = world.app({ store: { rows, key: new Uint8Array(32).fill(1) } })
  await connect(world, client)
  world.settings.issuer = world.addAuthorizationServer('https://next.example').issuer
  await connect(world, client)
  await client.disconnect(bob.user, SERVER)
  assert.deepEqual(await rows.keys('user/usr_bob/tokens/'), [])
})

test('a user who is forgotten leaves nothing, and a login that was under way does not come back', async () => {
  const world = new World()
  const rows = memoryRows()
  const client = world.app({ store: { rows, key: new Uint8Array(32).fill(1) } })
  await connect(world, client)
  const other = { ...bob, user: 'usr_other' }
  await connect(world, client, other)
  const step = asked(await done(await client.connect(bob)).callTool({ name: 'write' }))
  await client.forget(bob.user)
  assert.deepEqual(await rows.keys('user/usr_bob/'), [])
  assert.equal((await client.finish(world.as.consent(step.url), bob.browser)).status, 'not_authorized')
  assert.equal((await client.connect(other)).status, 'done')
})

test('a user who is forgotten while a login ends is not connected by it', async () => {
  const world = new World()
  const rows = memoryRows()
  const client = world.app({ store: { rows, key: new Uint8Array(32).fill(1) } })
  const { url } = asked(await client.connect(bob))
  world.as.faults.token = async () => {
    await client.forget(bob.user)
    return undefined
  }
  const finished = await client.finish(world.as.consent(url), bob.browser)
  assert.equal(finished.status, 'not_authorized')
  assert.deepEqual(await rows.keys('user/usr_bob/'), [])
  assert.deepEqual(world.as.revoked, [world.as.issued[1]])
})

test('of the logins that a user begins and leaves, the newest twenty wait', async () => {
  let now = Date.now()
  const world = new World()
  const rows = memoryRows()
  const client = world.app({ store: { rows, key: new Uint8Array(32).fill(1) }, now: () => (now += 1) })
  const other = asked(await client.connect({ ...bob, user: 'usr_other' }))
  const urls: string[] = []
  for (let i = 0; i < 23; i += 1) urls.push(asked(await client.connect(bob)).url)
  assert.equal((await rows.keys('user/usr_bob/pending/')).length, 20)
  assert.equal((await rows.keys('pending/')).length, 21)
  const finish = async (url = '') => (await client.finish(world.as.consent(url), bob.browser)).status
  assert.deepEqual([await finish(urls[2]), await finish(urls[3])], ['not_authorized', 'authorized'])
  assert.equal(await finish(other.url), 'authorized')
})

test('a user is forgotten although the key of the store is lost', async () => {
  const world = new World()
  const rows = memoryRows()
  await connect(world, world.app({ store: { rows, key: new Uint8Array(32).fill(1) } }))
  await world.app({ store: { rows, key: new Uint8Array(32).fill(2) } }).forget(bob.user)
  assert.deepEqual(await rows.keys('user/usr_bob/'), [])
})

test('a user id that looks like the key of another is another user', async () => {
  const world = new World()
  const client = world.app()
  await connect(world, client)
  for (const user of ['usr_bob/', 'usr_bob/tokens', 'usr_bob%2F', 'USR_BOB', 'usr_bob '])
    asked(await client.connect({ ...bob, user }))
})

test('an app that does not know its user or browser is told so, and gets nobody', async () => {
  const world = new World()
  for (const request of [
    { ...bob, user: '' },
    { ...bob, browser: '' },
    { ...bob, user: undefined as unknown as string },
  ])
    await assert.rejects(world.app().connect(request), withCode('invalid_options'))
  assert.deepEqual(world.seen, [])
})
