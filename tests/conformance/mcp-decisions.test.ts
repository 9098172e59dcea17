import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conformanceStack, claimsOf, tokensFor } from './harness.ts'
import { type Answer, assertRan, bearerOf, call, legacy, modern, post, type Sent, toolsIn } from './mcp-client.ts'
import { BOOK, modernServer, type Observed, READ, WRITE } from './mcp-server.ts'

let observed: Observed
const server = conformanceStack(({ issuer, stack }) => {
  const guarded = modernServer(issuer, stack.mcpUrl)
  observed = guarded.observed
  stack.serveMcp(guarded.serve)
})

type Person = 'bob' | 'carol' | 'dana'

/** A token of the real authorization server for this MCP server. */
async function tokenOf(person: Person, scope: string = READ): Promise<string> {
  const { issuer, stack } = server()
  return (await tokensFor(person, issuer, 'exact', { resource: stack.mcpUrl, scope })).accessToken
}

const send = (sent: Sent, token?: string): Promise<Answer> => post(server().stack.mcpUrl, sent, token)

/** Words of an answer without what differs each time. */
const wordsOf = ({ status, text }: Answer): string => `${status} ${text.replaceAll(/dec_[\w-]+/g, 'dec')}`

test('RS-16, RS-15: missing scopes are a 403 with insufficient_scope, the scopes and the place of the metadata', async () => {
  for (const sent of [call('update_pet'), legacy('tools/call', { name: 'update_pet', arguments: {} })]) {
    const answer = await send(sent, await tokenOf('dana'))
    assert.equal(answer.status, 403)
    const { error, scope, resource_metadata: place } = bearerOf(answer)
    assert.deepEqual([error, scope], ['insufficient_scope', WRITE])
    assert.equal((await fetch(String(place))).status, 200)
  }
  assert.ok(!observed.ran.includes('update_pet'))
})

test('RS-17: one challenge names all scopes that the operation still needs', async () => {
  // first the whole, since a request beyond the grant would be answered with the union
  assertRan(await send(call('visit'), await tokenOf('dana', `${READ} ${WRITE} ${BOOK}`)), 'visit ran')
  for (const granted of [READ, `${READ} ${WRITE}`, `${READ} ${BOOK}`]) {
    const { scope = '' } = bearerOf(await send(call('visit'), await tokenOf('dana', granted)))
    for (const needed of [WRITE, BOOK])
      assert.ok(`${granted} ${scope}`.split(' ').includes(needed), `${granted}: ${scope}`)
  }
})

test('RS-18, RS-6: the same call gets the same challenge, and its scopes are enough', async () => {
  const token = await tokenOf('dana')
  const [first, second] = [
    bearerOf(await send(call('update_pet'), token)),
    bearerOf(await send(call('update_pet', { x: 1 }), token)),
  ]
  assert.equal(first['scope'], second['scope'])
  assertRan(await send(call('update_pet'), await tokenOf('dana', first['scope'])), 'update_pet ran')
})

test('RS-19: a scope that implies the needed one is enough', async () => {
  assertRan(await send(call('list_pets'), await tokenOf('dana', WRITE)), 'list_pets ran')
})

test('RS-26, RS-25: a scope that no role of the person holds is hidden: call and list are those of a tool that does not exist', async () => {
  const token = await tokenOf('bob', `${READ} ${WRITE}`)
  assert.equal(claimsOf(token)['scope'], READ)
  const [hidden, unruled, absent] = [
    await send(call('update_pet'), token),
    await send(call('unruled'), token),
    await send(call('nothing'), token),
  ]
  const named = (answer: Answer, name: string): string => wordsOf(answer).replaceAll(name, 'x')
  assert.equal(named(hidden, 'update_pet'), named(absent, 'nothing'))
  assert.equal(named(unruled, 'unruled'), named(absent, 'nothing'))
  const listed = toolsIn(await send(modern('tools/list'), token))
  assert.ok(
    listed.includes('list_pets') && !listed.includes('update_pet') && !listed.includes('unruled'),
    String(listed),
  )
  assert.ok(!observed.ran.includes('unruled'))
})

test('RS-27, RS-26: a list depends on the token of its request, never on what came before', async () => {
  const [bob, dana] = [await tokenOf('bob'), await tokenOf('dana')]
  const lists: string[][] = []
  for (const token of [bob, dana, bob, dana]) lists.push(toolsIn(await send(modern('tools/list'), token)))
  assert.deepEqual(lists[0], lists[2])
  assert.deepEqual(lists[1], lists[3])
  assert.ok(!lists[0]?.includes('update_pet') && lists[1]?.includes('update_pet'))
})

test('RS-27: everything that is listed can be called or is challenged, and everything else is refused', async () => {
  const token = await tokenOf('dana')
  const listed = new Set(toolsIn(await send(modern('tools/list'), token)))
  for (const name of ['clinic_hours', 'list_pets', 'update_pet', 'visit', 'explained', 'strong', 'recent', 'unruled']) {
    const { status, message } = await send(call(name), token)
    const reachable = (status === 200 && message.error === undefined) || status === 403 || status === 401
    assert.equal(listed.has(name), reachable, name)
  }
})

test('RS-25: explain tells the person, in words a model reads, which permission is missing, with a decision id', async () => {
  const answer = await send(call('explained'), await tokenOf('bob'))
  assert.equal(answer.message.result?.['isError'], true)
  assert.match(answer.text, new RegExp(`${WRITE}.*dec_`))
})

test('RS-13, RS-26: an object of somebody else and one that does not exist get the same words', async () => {
  const token = await tokenOf('bob')
  assertRan(await send(call('show_pet', { petId: 'fido' }), token), 'Fido')
  const [foreign, absent] = [
    await send(call('show_pet', { petId: 'misty' }), token),
    await send(call('show_pet', { petId: 'nobody' }), token),
  ]
  assert.equal(wordsOf(foreign), wordsOf(absent))
  assert.equal(foreign.message.result?.['isError'], true)
  assert.doesNotMatch(foreign.text, /Misty|carol/)
})

test('RS-13: who lacks the scope learns nothing about objects', async () => {
  const { issuer, stack } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'es256-app', {
    resource: stack.mcpUrl,
    scope: 'appointments:read',
  })
  const answers = await Promise.all(
    ['fido', 'misty', 'nobody'].map((petId) => send(call('show_pet', { petId }), accessToken)),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([403]))
  assert.equal(new Set(answers.map(wordsOf)).size, 1)
})

test('RS-26: arguments that do not fit the schema are an error that names them, and nothing runs', async () => {
  const token = await tokenOf('bob')
  const before = observed.ran.length
  for (const args of [
    {},
    { petId: 1 },
    { petId: null },
    { petId: ['fido'] },
    { petId: { $ne: '' } },
    { PETID: 'fido' },
  ]) {
    const answer = await send(call('show_pet', args), token)
    assert.equal(answer.message.result?.['isError'], true, answer.text)
    assert.match(answer.text, /petId/)
  }
  assert.equal(observed.ran.length, before)
})

test('RS-64, AS-125: a login that is too weak is a 401 with what would do', async () => {
  const answer = await send(call('strong'), await tokenOf('bob'))
  assert.equal(answer.status, 401)
  const { error, acr_values: acr, resource_metadata: place } = bearerOf(answer)
  assert.deepEqual([error, acr], ['insufficient_user_authentication', 'urn:example:mfa'])
  assert.ok(place)
})

test('RS-64: a login that is too old is a 401 with max_age, and a new one opens the tool', async () => {
  const conformance = server()
  const { issuer, stack } = conformance
  const request = { resource: stack.mcpUrl }
  const first = await tokensFor('carol', issuer, 'exact', request)
  assertRan(await send(call('recent'), first.accessToken), 'recent ran')
  const guarded = modernServer(issuer, stack.mcpUrl, { guard: { clock: () => Date.now() + 120_000 } })
  stack.serveMcp(guarded.serve)
  try {
    const answer = await send(call('recent'), first.accessToken)
    assert.equal(answer.status, 401)
    const { error, max_age: maxAge } = bearerOf(answer)
    assert.deepEqual([error, maxAge], ['insufficient_user_authentication', '60'])
    conformance.advance(120)
    const again = await tokensFor('carol', issuer, 'exact', { ...request, max_age: maxAge })
    assertRan(await send(call('recent'), again.accessToken), 'recent ran')
  } finally {
    conformance.advance(-120)
    const usual = modernServer(issuer, stack.mcpUrl)
    observed = usual.observed
    stack.serveMcp(usual.serve)
  }
})

test('RS-25, RS-23: each decision leaves an audit event with its id, who asked through which client, and no token', async () => {
  const token = await tokenOf('dana')
  const before = observed.audit.length
  const challenged = await send(call('update_pet'), token)
  await send(call('list_pets'), token)
  await send(call('unruled'), token)
  const events = observed.audit.slice(before)
  assert.deepEqual(
    events.map(({ outcome, resource }) => [outcome, resource.id]),
    [
      ['challenge', 'update_pet'],
      ['allow', 'list_pets'],
      ['never', 'unruled'],
    ],
  )
  for (const event of events) {
    assert.deepEqual(
      [event.sub, event.client_id, event.jti, event.fam],
      ['usr_dana', 'exact', claimsOf(token)['jti'], claimsOf(token)['fam']],
    )
  }
  assert.deepEqual(events[0]?.scopes, [WRITE])
  assert.match(challenged.headers.get('www-authenticate') ?? '', new RegExp(events[0]?.decision_id ?? 'none'))
  assert.ok(!JSON.stringify(events).includes(token))
})

test('RS-25: no wildcard: a token with a scope that nobody knows opens nothing by it', async () => {
  const { issuer } = server()
  for (const scope of ['*', 'pet-profile:*', 'admin']) {
    const response = await fetch(
      `${issuer}/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'exact', redirect_uri: 'https://app.example.com/callback', scope, code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }).toString()}`,
      { redirect: 'manual' },
    )
    assert.match(response.headers.get('location') ?? '', /error=invalid_(scope|target)/, scope)
  }
})

test('RS-26, RS-13: prompts and resources are decided as tools are', async () => {
  const bob = await tokenOf('bob')
  assertRan(await send(modern('prompts/get', { name: 'introduce' }), bob))
  const { issuer, stack } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'es256-app', {
    resource: stack.mcpUrl,
    scope: 'appointments:read',
  })
  assert.equal((await send(modern('prompts/get', { name: 'introduce' }), accessToken)).status, 403)
  assert.equal((await send(modern('resources/read', { uri: 'pet://fido' }), accessToken)).status, 403)
  const foreign = await send(modern('resources/read', { uri: 'pet://misty' }), bob)
  const absent = await send(modern('resources/read', { uri: 'pet://nobody' }), bob)
  assert.equal(wordsOf(foreign).replaceAll('misty', 'x'), wordsOf(absent).replaceAll('nobody', 'x'))
  assert.doesNotMatch(foreign.text, /carol/)
})

test('RS-8, RS-13: the server that was asked decides: a token for the kennel opens nothing at the clinic', async () => {
  const { issuer } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'two-servers', {
    resource: 'https://kennel.example.com/mcp',
    scope: 'kennel:read',
  })
  const answer = await send(call('clinic_hours'), accessToken)
  assert.equal(answer.status, 401)
  assert.equal(bearerOf(answer)['error'], 'invalid_token')
})
