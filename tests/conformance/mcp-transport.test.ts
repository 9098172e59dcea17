import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guard } from '@permitry/guard'
import { listen, type Listening } from '@permitry/testkit'
import { type Issuer, startIssuer } from './mcp-issuer.ts'
import {
  assertRan,
  assertRpcError,
  call,
  type Changes,
  legacy,
  linesOf,
  modern,
  MODERN,
  post,
  rawStatus,
  type Sent,
} from './mcp-client.ts'
import { modernServer, type Observed } from './mcp-server.ts'

const MISMATCH = -32020
const META = 'io.modelcontextprotocol'

let mcp: Listening
let issuer: Issuer
let url: string
let token: string
let observed: Observed
before(async () => {
  mcp = await listen()
  url = `${mcp.origin}/mcp`
  issuer = await startIssuer(() => url)
  const guarded = modernServer(issuer.issuer, url)
  observed = guarded.observed
  mcp.serve(guarded.serve)
  token = await issuer.token()
})
after(() => Promise.all([mcp.close(), issuer.close()]))

/** Refused by the guard itself: a server that does not look at these headers is not reached. */
async function assertMismatch(sent: Sent): Promise<void> {
  const before = observed.requests.length
  assertRpcError(await post(url, sent, token), 400, MISMATCH)
  assert.equal(observed.requests.length, before, JSON.stringify(sent.headers))
}

const raw = (text: string, changes: Changes = {}): ReturnType<typeof post> =>
  post(url, call('list_pets', {}, changes), token, text)

test('TR-1, TR-2: one endpoint takes one request by POST from a client that accepts JSON and streams, and answers it', async () => {
  assertRan(await post(url, call('list_pets'), token), 'list_pets ran')
  const answer = await post(url, modern('tools/list'), token)
  assert.equal(answer.message.id, 7)
})

test('TR-1: a response, a batch and what is no message are refused, and nothing of them runs', async () => {
  const before = observed.ran.length
  const { body } = call('list_pets')
  for (const [text, code] of [
    [JSON.stringify([body]), -32600],
    [JSON.stringify([body, body]), -32600],
    ['[]', -32600],
    [JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} }), -32600],
    [JSON.stringify({ ...body, result: {} }), -32600],
    [JSON.stringify({ ...body, jsonrpc: '1.0' }), -32600],
    [JSON.stringify({ ...body, jsonrpc: undefined }), -32600],
    [JSON.stringify({ ...body, id: null }), -32600],
    [JSON.stringify({ ...body, id: { a: 1 } }), -32600],
    [JSON.stringify({ ...body, id: 1.5 }), -32600],
    [JSON.stringify({ ...body, method: undefined }), -32600],
    [JSON.stringify({ ...body, params: [] }), -32600],
    ['"tools/call"', -32600],
    ['null', -32600],
    ['', -32700],
    ['{', -32700],
    [`${JSON.stringify(body)}{}`, -32700],
    [`${JSON.stringify(body)},`, -32700],
  ] as const) {
    const answer = await raw(text)
    assert.equal(answer.status, 400, text)
    assert.equal(answer.message.error?.code, code, `${text}: ${answer.text}`)
  }
  assert.equal(observed.ran.length, before)
})

test('TR-3, TR-13: the version header equals the version in the body', async () => {
  for (const version of ['2025-11-25', '2026-07-29', '2026-07-28 ', '2026-7-28', '2026-07-28, 2026-07-28', 'x'].filter(
    (value) => value.trim() !== MODERN,
  )) {
    await assertMismatch(call('list_pets', {}, { 'mcp-protocol-version': version }))
  }
  await assertMismatch(call('list_pets', {}, { 'mcp-protocol-version': undefined }))
})

test('TR-4, TR-13: Mcp-Method is there and equals the method', async () => {
  for (const method of [undefined, 'tools/list', 'Tools/Call', 'tools/call ,tools/list', 'tools%2Fcall', '']) {
    await assertMismatch(call('list_pets', {}, { 'mcp-method': method }))
  }
  await assertMismatch(modern('tools/list', {}, { 'mcp-method': 'tools/call' }))
})

test('TR-5, TR-13: Mcp-Name is there and equals the name or URI', async () => {
  for (const name of [undefined, 'clinic_hours', 'LIST_PETS', 'list_pets, update_pet', 'list_pets/', '']) {
    await assertMismatch(call('list_pets', {}, { 'mcp-name': name }))
  }
  await assertMismatch(modern('prompts/get', { name: 'introduce' }, { 'mcp-name': 'other' }))
  await assertMismatch(modern('resources/read', { uri: 'pet://fido' }, { 'mcp-name': 'pet://misty' }))
})

test('TR-6, TR-13: Mcp-Param headers of annotated parameters equal the arguments', async () => {
  assertRan(await post(url, call('by_region', { region: 'north' }, { 'mcp-param-region': 'north' }), token), 'north')
  for (const region of [undefined, 'south', 'NORTH', 'north, south']) {
    assertRpcError(
      await post(url, call('by_region', { region: 'north' }, { 'mcp-param-region': region }), token),
      400,
      MISMATCH,
    )
  }
})

test('TR-7: values between base64 markers are decoded before they are compared', async () => {
  const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`
  assertRan(await post(url, call('list_pets', {}, { 'mcp-name': encoded('list_pets') }), token))
  assertRan(
    await post(url, call('by_region', { region: 'Zürich' }, { 'mcp-param-region': encoded('Zürich') }), token),
    'Zürich',
  )
  for (const name of [
    encoded('update_pet'),
    '=?base64?!!!?=',
    `=?BASE64?${Buffer.from('list_pets').toString('base64')}?=`,
    '=?base64?bGlzdF9wZXRz',
  ]) {
    await assertMismatch(call('list_pets', {}, { 'mcp-name': name }))
  }
})

test('TR-8: a request without the members of _meta that it must have is -32602', async () => {
  const without = (...names: string[]): Record<string, unknown> => {
    const meta = { [`${META}/protocolVersion`]: MODERN, [`${META}/clientCapabilities`]: {} }
    return Object.fromEntries(Object.entries(meta).filter(([name]) => !names.includes(name)))
  }
  for (const _meta of [
    without(`${META}/protocolVersion`),
    without(`${META}/clientCapabilities`),
    {},
    undefined,
    'x',
    { [`${META}/protocolVersion`]: 1 },
  ]) {
    const answer = await post(url, modern('tools/list', { _meta }), token)
    assertRpcError(answer, 400, -32602)
  }
})

test('TR-9, TR-10, TR-26: discovery needs a token, and then tells versions, capabilities and how long they hold', async () => {
  assert.equal((await post(url, modern('server/discover'))).status, 401)
  const { status, message, text } = await post(url, modern('server/discover'), token)
  assert.equal(status, 200, text)
  const result = message.result ?? {}
  assert.ok((result['supportedVersions'] as string[]).includes(MODERN))
  assert.equal(typeof result['capabilities'], 'object')
  assert.equal(result['resultType'], 'complete')
  assert.equal(typeof result['ttlMs'], 'number')
  assert.equal(typeof result['cacheScope'], 'string')
})

test('TR-9: results that pass the guard, and those that it makes itself, say that they are complete', async () => {
  const ran = await post(url, call('list_pets'), token)
  assert.equal(ran.message.result?.['resultType'], 'complete')
  const refused = await post(url, call('explained'), token)
  assert.equal(refused.message.result?.['resultType'], 'complete')
  const meta = ran.message.result?.['_meta'] as Record<string, unknown> | undefined
  assert.ok(meta?.[`${META}/serverInfo`], ran.text)
})

test('TR-11: a version that the server does not speak is -32022 with those it does', async () => {
  const version = '2027-01-01'
  const sent = modern(
    'tools/list',
    { _meta: { [`${META}/protocolVersion`]: version, [`${META}/clientCapabilities`]: {} } },
    { 'mcp-protocol-version': version },
  )
  const answer = await post(url, sent, token)
  assertRpcError(answer, 400, -32022)
  assert.ok(JSON.stringify(answer.message.error?.data?.['supported']).includes(MODERN))
  assert.equal(answer.message.error?.data?.['requested'], version)
})

test('TR-12, TR-22: an unknown method is a 404 with -32601 and the id of the request', async () => {
  const before = observed.requests.length
  for (const method of [
    'unknown/method',
    'tools/call/x',
    'TOOLS/CALL',
    'initialize',
    'ping',
    'logging/setLevel',
    '__proto__',
    'constructor',
  ]) {
    const answer = await post(url, modern(method), token)
    assert.ok([400, 404].includes(answer.status), `${method}: ${answer.status}`)
    assert.equal(typeof answer.message.error?.code, 'number', answer.text)
    assert.equal(answer.message.id, 7)
  }
  assertRpcError(await post(url, modern('unknown/method'), token), 404, -32601)
  assert.equal(observed.requests.length, before, 'what nobody has a rule for reaches no server')
})

test('TR-12: a notification is accepted with 202 and no body', async () => {
  const { headers, body } = modern('notifications/cancelled', { requestId: 1 })
  const { id: _, ...notification } = body
  const answer = await post(url, { headers, body: notification }, token)
  assert.deepEqual([answer.status, answer.text], [202, ''])
})

test('TR-14: header names are case-insensitive', async () => {
  const sent = call('list_pets')
  const upper = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toUpperCase(), value]))
  const status = await rawStatus(url, linesOf({ ...sent, headers: upper }, token), JSON.stringify(sent.body))
  assert.equal(status, 200)
})

test('TR-15: headers that the guard does not know reach the server untouched', async () => {
  const given = {
    'mcp-param-unknown': '=?base64?w6k=?=',
    'mcp-param-x': 'Ab c',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }
  assertRan(await post(url, call('list_pets', {}, given), token))
  const seen = observed.requests.at(-1)?.headers ?? {}
  for (const [name, value] of Object.entries(given)) assert.equal(seen[name], value, name)
})

test('TR-17: repeated headers are refused, also when both say the same', async () => {
  const sent = call('list_pets')
  const body = JSON.stringify(sent.body)
  for (const extra of [
    'Mcp-Method: tools/call',
    'Mcp-Name: list_pets',
    'Mcp-Name: update_pet',
    'MCP-Protocol-Version: 2026-07-28',
  ]) {
    assert.equal(await rawStatus(url, [...linesOf(sent, token), extra], body), 400, extra)
  }
})

test('TR-13, TR-17: header values with control characters never reach the server', async () => {
  const before = observed.requests.length
  const sent = call('list_pets')
  for (const line of [
    'Mcp-Name: list_pets\u0000',
    'Mcp-Name: list\u0001pets',
    'Mcp-Name: list_pets\u007f',
    'Mcp-Name: l\u00efst_pets',
  ]) {
    const lines = linesOf(sent, token).filter((one) => !one.startsWith('mcp-name'))
    assert.equal(await rawStatus(url, [...lines, line], JSON.stringify(sent.body)), 400, JSON.stringify(line))
  }
  assert.equal(observed.requests.length, before)
})

test('TR-17: repeated keys in the body are refused at any depth, in any spelling', async () => {
  const before = observed.ran.length
  const text = JSON.stringify(call('list_pets').body)
  for (const twice of [
    text.replace('"method"', '"method":"ping","method"'),
    text.replace('"name":"list_pets"', '"name":"update_pet","name":"list_pets"'),
    text.replace('"name":"list_pets"', '"name":"list_pets","n\\u0061me":"update_pet"'),
    text.replace('"arguments":{}', '"arguments":{},"arguments":{"x":1}'),
    text.replace('"arguments":{}', '"arguments":{"a":1,"a":2}'),
    text.replace('"id":7', '"id":7,"id":8'),
  ]) {
    assert.notEqual(twice, text)
    const answer = await raw(twice)
    assert.deepEqual([answer.status, answer.message.error?.code], [400, -32700], twice)
  }
  assert.equal(observed.ran.length, before)
})

test('TR-17: a body beyond the limit is refused, whether it says its length or not', async () => {
  await using small = await listen()
  small.serve(modernServer(issuer.issuer, url, { guard: { maxBodyBytes: 2000 } }).serve)
  const sent = call('list_pets', { x: 'a'.repeat(3000) })
  assert.equal((await post(`${small.origin}/mcp`, sent, token)).status, 413)
  const chunked = await fetch(`${small.origin}/mcp`, {
    method: 'POST',
    headers: { ...sent.headers, authorization: `Bearer ${token}` },
    body: new Blob([JSON.stringify(sent.body)]).stream(),
    duplex: 'half',
  } as RequestInit)
  assert.equal(chunked.status, 413)
  assertRan(await post(`${small.origin}/mcp`, call('list_pets'), token))
})

test('TR-17: only JSON is read', async () => {
  const before = observed.requests.length
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'text/json',
    'multipart/form-data',
    undefined,
  ]) {
    const answer = await post(url, call('list_pets', {}, { 'content-type': type }), token)
    assert.equal(answer.status, 415, String(type))
  }
  assert.equal(observed.requests.length, before)
  assertRan(await post(url, call('list_pets', {}, { 'content-type': 'Application/JSON; charset=utf-8' }), token))
})

test('TR-18: a foreign Origin is a 403 before anything else, with or without a token', async () => {
  for (const origin of [
    'https://evil.example',
    'null',
    `${mcp.origin}.evil.example`,
    'http://127.0.0.1.evil.example',
    'file://',
    'http://evil.example:80',
    'x',
  ]) {
    for (const given of [token, undefined]) {
      assert.equal((await post(url, call('list_pets', {}, { origin }), given)).status, 403, origin)
    }
  }
  assertRan(await post(url, call('list_pets', {}, { origin: mcp.origin }), token))
})

test('TR-18: another host name that leads here is refused on loopback', async () => {
  const sent = call('list_pets')
  const { port } = new URL(url)
  for (const host of [`evil.example:${port}`, 'evil.example', `127.0.0.1.evil.example:${port}`]) {
    const lines = linesOf(sent, token)
    const status = await rawStatus(url, [`Host: ${host}`, ...lines], JSON.stringify(sent.body))
    assert.ok([400, 403].includes(status), `${host}: ${status}`)
  }
})

test('TR-21: a server of the modern era alone answers 405 to GET and DELETE, and mints no session', async () => {
  await using modernOnly = await listen()
  modernOnly.serve(modernServer(issuer.issuer, url, { legacy: 'reject' }).serve)
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
  for (const method of ['GET', 'DELETE'])
    assert.equal((await fetch(`${modernOnly.origin}/mcp`, { method, headers })).status, 405, method)
  const answer = await post(
    `${modernOnly.origin}/mcp`,
    call('list_pets', {}, { 'mcp-session-id': 'x', 'last-event-id': '1' }),
    token,
  )
  assertRan(answer)
  assert.equal(answer.headers.get('mcp-session-id'), null)
  const refused = await post(
    `${modernOnly.origin}/mcp`,
    legacy('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }),
    token,
  )
  assert.match(refused.text, new RegExp(MODERN))
})

test('TR-22: every refusal that the guard makes of a modern request is a JSON-RPC error with its id', async () => {
  for (const changes of [{ 'mcp-method': 'x' }, { 'mcp-name': 'x' }, { 'mcp-protocol-version': '2025-06-18' }]) {
    const answer = await post(url, call('list_pets', {}, changes), token)
    assert.equal(answer.message.id, 7, answer.text)
    assert.equal(typeof answer.message.error?.code, 'number')
  }
  for (const method of ['PUT', 'PATCH']) {
    const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })
    assert.equal(response.status, 405)
    assert.equal(typeof ((await response.json()) as { error?: { code?: number } }).error?.code, 'number')
  }
})

test('TR-25, TR-28: nothing carries over between requests of a connection', async () => {
  const carol = await issuer.token({ sub: 'usr_carol' })
  assertRan(await post(url, call('show_pet', { petId: 'fido' }), token), 'Fido')
  const other = await post(url, call('show_pet', { petId: 'fido' }), carol)
  assert.equal(other.message.result?.['isError'], true)
  assert.equal((await post(url, call('show_pet', { petId: 'fido' }))).status, 401)
  assertRan(await post(url, call('show_pet', { petId: 'misty' }), carol), 'Misty')
})

test('TR-28: a retry with requestState is decided like any request', async () => {
  const retry = modern('tools/call', { name: 'update_pet', arguments: {}, requestState: 'x', inputResponses: {} })
  const answer = await post(url, retry, token)
  assert.equal(answer.message.error?.code, -32602, answer.text)
})

test('TR-26, TR-27: a list that was cut down for a person is private and says how long it holds', async () => {
  for (const method of ['tools/list', 'prompts/list']) {
    const { message, text } = await post(url, modern(method), token)
    assert.equal(message.result?.['cacheScope'], 'private', text)
    assert.equal(typeof message.result?.['ttlMs'], 'number')
  }
})

test('TR-27: a list that the server calls public is private, since it was cut down', async () => {
  await using careless = await listen()
  const result = { resultType: 'complete', tools: [{ name: 'list_pets' }], ttlMs: 60_000, cacheScope: 'public' }
  const protect = guard({ issuer: issuer.issuer, resource: url, defaultScopes: [], tools: { list_pets: [] } })
  careless.serve(protect(async () => Response.json({ jsonrpc: '2.0', id: 7, result })))
  const { message } = await post(`${careless.origin}/mcp`, modern('tools/list'), token)
  assert.deepEqual(message.result, { ...result, cacheScope: 'private' })
})

test('TR-16, BC-8: in a version that does not validate headers the body decides', async () => {
  const lying = legacy(
    'tools/call',
    { name: 'update_pet', arguments: {} },
    { 'mcp-method': 'tools/list', 'mcp-name': 'clinic_hours' },
  )
  const answer = await post(url, lying, token)
  assert.notEqual(answer.message.error, undefined, answer.text)
  const honest = legacy(
    'tools/call',
    { name: 'list_pets', arguments: {} },
    { 'mcp-method': 'initialize', 'mcp-name': 'update_pet' },
  )
  assertRan(await post(url, honest, token), 'list_pets ran')
  assert.ok(!observed.ran.includes('update_pet'))
})

test('TR-29: no error of the guard has a code that MCP reserves for something else', async () => {
  const codes = new Set<number>()
  const answers = [
    post(url, call('unruled'), token),
    post(url, call('update_pet'), token),
    post(url, call('by_region', {}), token),
    post(url, call('list_pets', {}, { origin: 'https://evil.example' }), token),
    post(url, call('list_pets', {}, { 'content-type': 'text/plain' }), token),
    post(url, call('list_pets', {}, { 'mcp-method': 'x' }), token),
    post(url, call('list_pets')),
    post(url, modern('initialize'), token),
    post(url, modern('tools/list', { _meta: {} }), token),
    post(url, legacy('tools/list', {}, { 'mcp-session-id': 'x' }), token),
    post(url, modern('resources/read', { uri: 'pet://misty' }), token),
    raw('{'),
    raw('[]'),
  ]
  for (const { message, text } of await Promise.all(answers)) {
    const code = message.error?.code
    if (code !== undefined) codes.add(code)
    assert.ok(text !== '')
  }
  assert.deepEqual(
    [...codes].toSorted((a, b) => b - a).filter((code) => code < -32_001 && code > -32_100),
    [MISMATCH],
  )
  assert.ok(codes.size > 5, [...codes].join(' '))
})
