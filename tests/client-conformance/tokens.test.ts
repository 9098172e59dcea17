// CL-8 to CL-10, CL-22, CL-23, CL-29: where tokens go, how they are widened, and where they stay.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRows, type ObservedMessage, type Rows } from '@permitry/client'
import { asked, authorizationRequest, bob, BROWSER, connect, done } from './steps.ts'
import { SERVER, World } from './world.ts'

/** Says whether a text has a token of this world in it. */
const shows = (world: World, text: string): boolean => world.as.issued.some((token) => text.includes(token))

test('CL-8: the resource is named to the authorization server each time, also when it has no metadata', async () => {
  const legacy = new World({ metadataAt: 'nowhere' }).app({
    legacyServers: true,
    registrations: [{ issuer: 'https://mcp.example/', clientId: 'app' }],
  })
  assert.equal((await authorizationRequest(legacy)).get('resource'), SERVER)
  const world = new World()
  const connection = await connect(world, world.app())
  world.as.expireAccessTokens()
  done(await connection.callTool({ name: 'read' }))
  assert.deepEqual(
    world.to('/token').map(({ form }) => [form.get('grant_type'), form.get('resource')]),
    [
      ['authorization_code', SERVER],
      ['refresh_token', SERVER],
    ],
  )
})

test('CL-9: every request to the server carries the token in its header, and none in its address', async () => {
  const world = new World()
  const connection = await connect(world, world.app())
  const from = world.seen.length
  done(await connection.callTool({ name: 'read' }))
  done(await connection.run((mcp) => mcp.listTools()))
  const requests = world.seen.slice(from)
  assert.ok(requests.length >= 2)
  for (const { headers } of requests) assert.match(headers.get('authorization') ?? '', /^Bearer at-/)
  for (const { url } of world.seen) assert.ok(!shows(world, url.href))
})

test('CL-10: a token is sent to the server that it was made for, and to nobody else', async () => {
  const world = new World()
  const client = world.app()
  await connect(world, client)
  await assert.rejects(client.connect({ ...bob, server: 'https://mcp.example/other' }))
  await assert.rejects(client.connect({ ...bob, server: 'https://as.example/mcp' }))
  for (const { url, headers } of world.seen)
    if (url.href !== SERVER) assert.doesNotMatch(headers.get('authorization') ?? '', /Bearer/, url.href)
})

test('CL-10: once a server says that another authorization server guards it, tokens of the first do not go there', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  world.settings.issuer = world.addAuthorizationServer('https://next.example').issuer
  asked(await connection.callTool({ name: 'read' }))
  const from = world.seen.length
  asked(await connection.callTool({ name: 'read' }))
  for (const { headers } of world.seen.slice(from)) assert.equal(headers.get('authorization'), null)
  assert.equal(world.to('/token').filter(({ form }) => form.get('grant_type') === 'refresh_token').length, 0)
})

test('CL-22: a call that needs more is answered with an authorization for what the token has and what it lacks', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  const step = asked(await connection.callTool({ name: 'write' }))
  assert.deepEqual([step.reason, step.missing, step.scopes], ['step-up', ['write'], ['read', 'write']])
  assert.equal(new URL(step.url).searchParams.get('scope'), 'read write')
  const finished = await client.finish(world.as.consent(step.url), BROWSER)
  assert.equal(finished.status, 'authorized')
  const [repeated] = await finished.repeat()
  assert.match(JSON.stringify(repeated), /"status":"done".*write/)
  done(await connection.callTool({ name: 'read' }))
})

test('CL-22: what was asked for and not given is not asked for again by itself', async () => {
  const world = new World()
  world.as.faults.grant = (scopes) => scopes.filter((scope) => scope !== 'write')
  const client = world.app()
  const connection = await connect(world, client)
  const step = asked(await connection.callTool({ name: 'write' }))
  const finished = await client.finish(world.as.consent(step.url), BROWSER)
  assert.equal(finished.status, 'authorized')
  assert.deepEqual(finished.withheld, ['write'])
  const [repeated] = await finished.repeat()
  assert.deepEqual([repeated?.status, repeated?.status === 'refused' && repeated.reason], ['refused', 'withheld'])
  assert.equal((await connection.authorize(['read'])).status, 'done', 'nobody is sent away for what is there')
  // A person may change their mind, and is told that it was so before.
  assert.deepEqual(asked(await connection.callTool({ name: 'write' })).withheldBefore, ['write'])
})

test('CL-22: a server that is never satisfied ends the chain, whatever it asks for', async () => {
  const world = new World()
  const client = world.app()
  const connection = await connect(world, client)
  world.settings.stubborn = true
  let outcome = await connection.callTool({ name: 'read' })
  let authorizations = 0
  while (outcome.status === 'authorize') {
    authorizations += 1
    assert.ok(authorizations <= 3)
    world.settings.tools['read'] = `read more-${authorizations}`
    const finished = await client.finish(world.as.consent(outcome.url), BROWSER)
    assert.equal(finished.status, 'authorized')
    outcome = (await finished.repeat())[0]!
  }
  assert.deepEqual([outcome.status, outcome.status === 'refused' && outcome.reason], ['refused', 'insufficient'])
})

test('CL-23: a refresh token goes to the token endpoint of its issuer, and is shown to nobody', async () => {
  const messages: ObservedMessage[] = []
  const rows = memoryRows()
  const stored: string[] = []
  const spy: Rows = {
    ...rows,
    replace: (...args) => (stored.push(...args.slice(0, 3).map(String)), rows.replace(...args)),
  }
  const world = new World()
  const client = world.app({
    onMessage: (message) => void messages.push(message),
    store: { rows: spy, key: new Uint8Array(32).fill(1) },
  })
  const connection = await connect(world, client)
  world.as.expireAccessTokens()
  done(await connection.callTool({ name: 'read' }))
  const elsewhere = world.seen.filter(({ url }) => url.href !== 'https://as.example/token')
  for (const { url, body, headers } of elsewhere) {
    const bearer = headers.get('authorization')?.startsWith('Bearer at-')
    assert.ok(!shows(world, `${url.href} ${body} ${bearer ? '' : headers.get('authorization')}`), url.href)
  }
  assert.ok(!shows(world, JSON.stringify(messages)))
  assert.ok(!shows(world, JSON.stringify(await connection.authorization())))
  assert.ok(stored.length > 0 && !stored.some((text) => shows(world, text)))
})

test('CL-23: the app registers for refresh tokens, and asks for offline_access only where it is listed', async () => {
  for (const [listed, expected] of [
    [['read', 'offline_access'], 'read offline_access'],
    [['read'], 'read'],
    [undefined, 'read'],
  ] as const) {
    const world = new World()
    world.as.faults.metadata = (document) => ({ ...document, ...(listed && { scopes_supported: listed }) })
    assert.equal((await authorizationRequest(world.app())).get('scope'), expected)
    assert.deepEqual(world.as.registered[0]?.['grant_types'], ['authorization_code', 'refresh_token'])
    assert.equal((await authorizationRequest(world.app({ offlineAccess: false }))).get('scope'), 'read')
  }
})

test('CL-23: without a refresh token somebody logs in again when the access token ends', async () => {
  const world = new World()
  world.as.faults.withoutRefreshTokens = true
  const connection = await connect(world, world.app())
  done(await connection.callTool({ name: 'read' }))
  world.as.expireAccessTokens()
  assert.equal(asked(await connection.callTool({ name: 'read' })).reason, 'login')
})

test('CL-29: nothing readable reaches the store, and one user cannot be given the row of another', async () => {
  const rows = memoryRows()
  const world = new World()
  const client = world.app({ store: { rows, key: new Uint8Array(32).fill(1) } })
  await connect(world, client)
  const carol = { ...bob, user: 'usr_carol' }
  await connect(world, client, carol)
  const [ofBob, ofCarol] = await Promise.all(['usr_bob', 'usr_carol'].map((user) => rows.keys(`user/${user}/`)))
  const [mine, theirs] = await Promise.all([rows.get(ofBob![0]!), rows.get(ofCarol![0]!)])
  assert.ok(!shows(world, `${mine}${theirs}`))
  await rows.replace(ofCarol![0]!, theirs, mine, undefined)
  await assert.rejects(client.connect(carol), /changed outside this package/)
  assert.throws(() => world.app({ store: { rows, key: new Uint8Array(5) } }), /32 bytes/)
})
