import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { listen, type Listening } from '@permitry/testkit'
import { type Issuer, startIssuer } from './mcp-issuer.ts'
import {
  type Answer,
  assertRan,
  assertRpcError,
  call,
  type Changes,
  legacy,
  modern,
  post,
  toolsIn,
} from './mcp-client.ts'
import { modernServer, type Observed, sessionServer } from './mcp-server.ts'

let stateful: Listening
let dual: Listening
let issuer: Issuer
let url: string
let observed: Observed
let gate: ReturnType<typeof sessionServer>['gate']
before(async () => {
  ;[stateful, dual] = await Promise.all([listen(), listen()])
  url = `${stateful.origin}/mcp`
  issuer = await startIssuer(() => url)
  const guarded = sessionServer(issuer.issuer, url)
  observed = guarded.observed
  gate = guarded.gate
  stateful.serve(guarded.serve)
  dual.serve(modernServer(issuer.issuer, url).serve)
})
after(() => Promise.all([stateful.close(), dual.close(), issuer.close()]))

const hello = (protocolVersion = '2025-11-25'): Record<string, unknown> => ({
  protocolVersion,
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
})

/** Opens a session and gives its id. */
async function openSession(token: string): Promise<string> {
  const answer = await post(url, legacy('initialize', hello()), token)
  assert.equal(answer.status, 200, answer.text)
  const session = answer.headers.get('mcp-session-id') ?? ''
  const { headers, body } = legacy('notifications/initialized', {}, { 'mcp-session-id': session })
  const { id: _, ...notification } = body
  assert.equal((await post(url, { headers, body: notification }, token)).status, 202)
  return session
}

const inSession = (session: string, method: string, params = {}, changes: Changes = {}) =>
  legacy(method, params, { 'mcp-session-id': session, ...changes })
const callIn = (session: string, name: string) => inSession(session, 'tools/call', { name, arguments: {} })

test('BC-1: one endpoint serves the stateless era and the one before', async () => {
  const token = await issuer.token()
  const mcpUrl = `${dual.origin}/mcp`
  assertRan(await post(mcpUrl, call('list_pets'), token), 'list_pets ran')
  const initialized = await post(mcpUrl, legacy('initialize', hello()), token)
  assert.equal(initialized.message.result?.['protocolVersion'], '2025-11-25', initialized.text)
  assertRan(await post(mcpUrl, legacy('tools/call', { name: 'list_pets', arguments: {} }), token), 'list_pets ran')
})

test('BC-2: a request without MCP-Protocol-Version is one of 2025-03-26, and authorized as any', async () => {
  const mcpUrl = `${dual.origin}/mcp`
  const token = await issuer.token()
  const versionless = (name: string) =>
    legacy('tools/call', { name, arguments: {} }, { 'mcp-protocol-version': undefined })
  assertRan(await post(mcpUrl, versionless('list_pets'), token))
  assert.equal((await post(mcpUrl, versionless('list_pets'))).status, 401)
  assert.notEqual((await post(mcpUrl, versionless('update_pet'), token)).message.error, undefined)
})

test('BC-3: an MCP-Protocol-Version that nobody speaks is a 400', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  for (const version of ['1999-01-01', '2025-13-45', 'x', '']) {
    for (const sent of [inSession(session, 'tools/list', {}, { 'mcp-protocol-version': version })]) {
      const answer = await post(url, sent, token)
      assert.equal(answer.status, 400, `${version}: ${answer.text}`)
    }
  }
  for (const version of ['2025-06-18', '2025-11-25', '2025-03-26']) {
    assert.equal(
      (await post(url, inSession(session, 'tools/list', {}, { 'mcp-protocol-version': version }), token)).status,
      200,
      version,
    )
  }
})

test('BC-4: a session authenticates nobody: each of its requests needs a token of its own', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  assertRan(await post(url, callIn(session, 'list_pets'), token))
  for (const bad of [
    undefined,
    'x',
    await issuer.token({ aud: 'https://other.example' }),
    await issuer.token({ exp: 1 }),
  ]) {
    assert.equal((await post(url, callIn(session, 'list_pets'), bad)).status, 401)
    assert.equal((await post(url, inSession(session, 'ping'), bad)).status, 401)
  }
})

test('BC-4: the session of another person, or of another client of the same person, does not exist', async () => {
  const session = await openSession(await issuer.token())
  const calls = (token: string): Promise<Answer[]> =>
    Promise.all([
      post(url, callIn(session, 'clinic_hours'), token),
      post(url, inSession(session, 'tools/list'), token),
      post(url, inSession(session, 'ping'), token),
    ])
  for (const claims of [{ sub: 'usr_carol' }, { client_id: 'other-app' }]) {
    for (const answer of await calls(await issuer.token(claims))) assert.equal(answer.status, 404, answer.text)
    const headers = {
      authorization: `Bearer ${await issuer.token(claims)}`,
      'mcp-session-id': session,
      accept: 'text/event-stream',
    }
    for (const method of ['GET', 'DELETE']) assert.equal((await fetch(url, { method, headers })).status, 404, method)
  }
  for (const answer of await calls(await issuer.token())) assert.equal(answer.status, 200, answer.text)
})

test('BC-4: an unknown session is a 404, a missing one a 400, and DELETE ends one', async () => {
  const token = await issuer.token()
  assert.equal((await post(url, callIn('made-up', 'clinic_hours'), token)).status, 404)
  assert.equal((await post(url, legacy('tools/call', { name: 'clinic_hours', arguments: {} }), token)).status, 400)
  const session = await openSession(token)
  assert.match(session, /^[!-~]{16,}$/)
  const ended = await fetch(url, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}`, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
  })
  assert.ok([200, 204].includes(ended.status), String(ended.status))
})

test('BC-4: a new token of the same person and client goes on with the session', async () => {
  const session = await openSession(await issuer.token())
  assertRan(await post(url, callIn(session, 'list_pets'), await issuer.token()))
})

test('BC-4: a session keeps no rights: a token with fewer scopes gets less, in calls and in lists', async () => {
  const everything = 'pet-profile:read pet-profile:write'
  const entitlements = everything.split(' ')
  const session = await openSession(await issuer.token({ scope: everything, entitlements }))
  const [full, less] = [
    await issuer.token({ scope: everything, entitlements }),
    await issuer.token({ scope: '', entitlements: [] }),
  ]
  assertRan(await post(url, callIn(session, 'update_pet'), full), 'update_pet ran')
  assert.notEqual((await post(url, callIn(session, 'update_pet'), less)).message.error, undefined)
  const listed = async (token: string): Promise<string[]> =>
    toolsIn(await post(url, inSession(session, 'tools/list'), token))
  assert.deepEqual(await listed(full), ['clinic_hours', 'list_pets', 'update_pet', 'slow'])
  assert.deepEqual(await listed(less), ['clinic_hours'])
})

test('BC-5: the stream of a session and its resumption need a token of the same person', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  const open = (authorization: string | undefined, more: Record<string, string> = {}): Promise<Response> => {
    const headers = {
      accept: 'text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
      ...more,
    }
    return fetch(url, {
      headers: authorization === undefined ? headers : { ...headers, authorization },
      signal: AbortSignal.timeout(5000),
    })
  }
  const carol = `Bearer ${await issuer.token({ sub: 'usr_carol' })}`
  for (const more of [{}, { 'last-event-id': '1' }]) {
    assert.equal((await open(undefined, more)).status, 401)
    assert.equal((await open(carol, more)).status, 404)
  }
  const stream = await open(`Bearer ${token}`)
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/)
  await stream.body?.cancel()
})

test('BC-5: without a session of its own nobody resumes a stream', async () => {
  const token = await issuer.token()
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'last-event-id': 'another-stream_1' }
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5000) })
  assert.equal(response.status, 400)
  assert.equal(observed.requests.at(-1)?.headers['last-event-id'], undefined)
})

test('BC-6: the answer of a client to a request of the server passes, with a token and in its own session only', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  const { headers } = inSession(session, 'x')
  const response = { headers, body: { jsonrpc: '2.0', id: 99, result: { roots: [] } } }
  assert.equal((await post(url, response, token)).status, 202)
  assert.equal((await post(url, response)).status, 401)
  assert.equal((await post(url, response, await issuer.token({ sub: 'usr_carol' }))).status, 404)
  const modernHeaders = modern('tools/list').headers
  assert.equal((await post(url, { headers: modernHeaders, body: response.body }, token)).status, 400)
})

test('BC-7: a client that goes away has not cancelled: the call runs to its end', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  const { headers, body } = callIn(session, 'slow')
  const leaving = new AbortController()
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: leaving.signal,
  })
  assert.equal(response.status, 200)
  await gate.started.promise
  leaving.abort()
  // another round trip, so that the server has seen the connection close
  assertRan(await post(url, callIn(session, 'list_pets'), token))
  gate.release.resolve()
  assertRan(await post(url, callIn(session, 'list_pets'), token))
  assert.ok(observed.ran.includes('slow'), String(observed.ran))
})

test('BC-8: headers on requests of the session era count for nothing, the body decides', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  const lying = inSession(
    session,
    'tools/call',
    { name: 'update_pet', arguments: {} },
    { 'mcp-method': 'initialize', 'mcp-name': 'clinic_hours' },
  )
  assert.notEqual((await post(url, lying, token)).message.error, undefined)
  const initialize = legacy('initialize', hello(), { 'mcp-method': 'initialize', 'mcp-protocol-version': undefined })
  assert.equal((await post(url, initialize, token)).status, 200)
})

test('BC-9: a batch is refused whole, so that no element passes unseen', async () => {
  const token = await issuer.token()
  const session = await openSession(token)
  const before = observed.ran.length
  const { headers, body } = callIn(session, 'clinic_hours')
  for (const batch of [
    [body],
    [body, callIn(session, 'update_pet').body],
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }, body],
    [[body]],
  ]) {
    for (const version of ['2025-03-26', '2025-11-25', undefined]) {
      const sent = {
        headers: legacy('x', {}, { 'mcp-session-id': headers['mcp-session-id'], 'mcp-protocol-version': version })
          .headers,
        body: {},
      }
      assertRpcError(await post(url, sent, token, JSON.stringify(batch)), 400, -32600, null)
    }
  }
  assert.equal(observed.ran.length, before)
})
