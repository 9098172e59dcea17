// What somebody sends who wants to reach more than the rules say. Raw bytes, since clients write no such requests.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import {
  answering,
  legacy,
  modern,
  send,
  sendBytes,
  startGateway,
  startUpstream,
  tokenFor,
  type Running,
  type Seen,
} from './testing.ts'

async function stack(t: TestContext): Promise<Running & { readonly seen: Seen[]; readonly token: string }> {
  const seen: Seen[] = []
  const running = await startGateway(t, await startUpstream(t, answering({ content: [] }, seen)))
  return { ...running, seen, token: await tokenFor({ entitlements: ['read', 'write'] }) }
}

const CALL = modern('tools/call', { name: 'look', arguments: {} })
const WRITE = modern('tools/call', { name: 'change', arguments: {} })

/** A request as bytes; each line of `more` may be whatever an attack needs. */
function bytes(token: string, body: string, more: readonly string[], target = '/mcp'): string {
  const lines = [
    `POST ${target} HTTP/1.1`,
    'host: localhost:9403',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'mcp-protocol-version: 2026-07-28',
    'mcp-method: tools/call',
    'mcp-name: look',
    ...more,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const length = (body = CALL.body ?? '') => `content-length: ${body.length}`
const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
/** What would be a second request to somebody who ends the first one earlier. */
const SMUGGLED = 'POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n'

const smuggling: Record<string, (token: string) => string> = {
  'two lengths that differ': (token) => bytes(token, `${CALL.body}${SMUGGLED}`, [length(), 'content-length: 1']),
  'two lengths in one line': (token) => bytes(token, CALL.body ?? '', [`${length()}, 5`]),
  'a length beside chunks': (token) => bytes(token, chunked(CALL.body ?? ''), [length(), 'transfer-encoding: chunked']),
  'chunks in two words': (token) => bytes(token, chunked(CALL.body ?? ''), ['transfer-encoding: chunked, identity']),
  'chunks by another name': (token) => bytes(token, chunked(CALL.body ?? ''), ['transfer-encoding: xchunked']),
  'a space before the colon': (token) => bytes(token, CALL.body ?? '', [length().replace(':', ' :')]),
  'a folded line': (token) => bytes(token, CALL.body ?? '', [length(), 'x-a: 1\r\n transfer-encoding: chunked']),
  'a bare line feed': (token) => bytes(token, CALL.body ?? '', [`x-a: 1\ntransfer-encoding: chunked`, length()]),
  'a length with a sign': (token) => bytes(token, CALL.body ?? '', [`content-length: +${CALL.body?.length}`]),
  'a chunk with a bad size': (token) => bytes(token, '0x5\r\nhello\r\n0\r\n\r\n', ['transfer-encoding: chunked']),
  'a header without a name': (token) => bytes(token, CALL.body ?? '', [length(), ': x']),
  'a null byte': (token) => bytes(token, CALL.body ?? '', [length(), 'x-a: \0']),
}

for (const [name, attack] of Object.entries(smuggling))
  test(`a request with ${name} is refused with its connection, and nothing of it reaches the MCP server`, async (t) => {
    const { port, seen, token } = await stack(t)
    const answer = await sendBytes(port, attack(token))
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /"jsonrpc":"2\.0"/)
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
    assert.deepEqual(seen, [])
  })

test('what follows a request on its connection is a request of its own, with a token of its own', async (t) => {
  const { port, seen, token } = await stack(t)
  const second = `POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n${length()}\r\n\r\n${CALL.body}`
  const answer = await sendBytes(port, bytes(token, CALL.body ?? '', [length()]) + second)
  assert.deepEqual(
    [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '401'],
  )
  assert.equal(seen.length, 1)
})

for (const [header, values] of Object.entries({
  authorization: ['Bearer x', 'Bearer y'],
  'mcp-name': ['look', 'change'],
  'mcp-method': ['tools/call', 'tools/list'],
  'mcp-protocol-version': ['2026-07-28', '2025-11-25'],
  'mcp-session-id': ['a', 'b'],
  'content-type': ['application/json', 'text/plain'],
  origin: ['http://localhost', 'http://evil.example'],
  host: ['localhost', 'evil.example'],
  'last-event-id': ['1', '2'],
  'mcp-param-a': ['1', '2'],
}))
  test(`two headers \`${header}\` are refused: somebody else might read the other one`, async (t) => {
    const { port, seen, token } = await stack(t)
    const raw = bytes(token, CALL.body ?? '', [length(), 'connection: close'])
    const kept = raw.split('\r\n').filter((line) => !line.startsWith(`${header}:`))
    kept.splice(1, 0, ...values.map((value) => `${header}: ${value}`))
    const answer = await sendBytes(port, kept.join('\r\n'))
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.deepEqual(seen, [])
  })

test('no way of writing a path leads to another MCP server, and none of it goes on', async (t) => {
  const { port, seen, token } = await stack(t)
  for (const target of [
    '/mcp/',
    '//mcp',
    '/./mcp',
    '/x/../mcp',
    '/%6dcp',
    '/mcp%2f',
    '/mcp%00',
    '/mcp;x',
    '/MCP',
    '\\mcp',
    'mcp',
    '*',
    '/mcp#x',
    'http://localhost:9403/mcp',
    'http://evil.example/mcp',
    '//evil.example/mcp',
    '/mcp/../admin',
  ]) {
    const answer = await sendBytes(port, bytes(token, CALL.body ?? '', [length(), 'connection: close'], target))
    assert.match(answer, /^HTTP\/1\.1 40[04] /, target)
  }
  assert.deepEqual(seen, [])
  const query = bytes(token, CALL.body ?? '', [length(), 'connection: close'], '/mcp?admin=1&x=/../..')
  assert.match(await sendBytes(port, query), /^HTTP\/1\.1 200 /)
  assert.deepEqual(
    seen.map(({ url }) => url),
    ['/mcp'],
  )
})

test('a token in the query is refused and goes nowhere', async (t) => {
  const { port, seen, token } = await stack(t)
  assert.equal((await send(port, { ...CALL, token, path: `/mcp?access_token=${token}` })).status, 400)
  assert.equal((await send(port, { ...CALL, path: `/mcp?access_token=${token}` })).status, 401)
  assert.deepEqual(seen, [])
})

test('the host of a request decides nothing about where it goes, and on loopback a foreign one is refused', async (t) => {
  const { port, seen, token } = await stack(t)
  const { status } = await send(port, { ...CALL, token, headers: { ...CALL.headers, host: 'evil.example' } })
  assert.equal(status, 403)
  await send(port, {
    ...CALL,
    token,
    headers: { ...CALL.headers, host: 'localhost:1', 'x-forwarded-host': 'evil.example' },
  })
  assert.deepEqual(
    seen.map(({ headers }) => headers.host?.startsWith('127.0.0.1:')),
    [true],
  )
})

test('the MCP server reads the very message that was decided on', async (t) => {
  const { port, seen, token } = await stack(t)
  const twice = CALL.body?.replace('"name":"look"', '"name":"look","name":"change"') ?? ''
  assert.equal((await send(port, { ...CALL, token, body: twice })).status, 400)
  const escaped = CALL.body?.replace('"name":"look"', '"name":"look","n\\u0061me":"change"') ?? ''
  assert.equal((await send(port, { ...CALL, token, body: escaped })).status, 400)
  const batch = `[${CALL.body},${WRITE.body}]`
  assert.equal((await send(port, { ...CALL, token, body: batch })).status, 400)
  const lied = { ...WRITE, token, headers: { ...WRITE.headers, 'mcp-name': 'look' } }
  assert.equal((await send(port, lied)).status, 400)
  assert.equal(seen.length, 0)
  const odd = `\n{"jsonrpc":"2.0","method":"tools/call","id":7,"params":${JSON.stringify(JSON.parse(CALL.body ?? '').params).replace('"arguments":{}', '"arguments":{"big":1e2,"text":"\\u0061\\ud83d\\ude00"}')}}`
  assert.equal((await send(port, { ...CALL, token, body: odd })).status, 200)
  assert.match(seen[0]?.body ?? '', /"arguments":\{"big":100,"text":"a😀"\}/)
})

test('before 2026-07-28 nobody has checked the headers that mirror the body, so none goes on', async (t) => {
  const { port, seen, token } = await stack(t)
  const call = legacy('tools/call', { name: 'look', arguments: {} }, token)
  await send(port, {
    ...call,
    headers: { ...call.headers, 'mcp-name': 'change', 'mcp-method': 'x', 'mcp-param-a': '1' },
  })
  const { headers } = seen[0] ?? {}
  assert.deepEqual(
    [headers?.['mcp-name'], headers?.['mcp-method'], headers?.['mcp-param-a']],
    [undefined, undefined, undefined],
  )
})

test('a session of an older revision belongs to whoever opened it', async (t) => {
  const url = await startUpstream(t, (req, res) => {
    void text(req).then(() => {
      res.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'session-1' })
      res.end(JSON.stringify({ jsonrpc: '2.0', id: 7, result: {} }))
    })
  })
  const { port } = await startGateway(t, url)
  const [bob, carol] = [await tokenFor(), await tokenFor({ sub: 'carol', jti: 'j2' })]
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } }
  const opened = await send(port, legacy('initialize', params, bob))
  assert.equal(opened.headers['mcp-session-id'], 'session-1')
  const call = legacy('tools/call', { name: 'look', arguments: {} })
  const inSession = { ...call, headers: { ...call.headers, 'mcp-session-id': 'session-1' } }
  assert.equal((await send(port, { ...inSession, token: bob })).status, 200)
  for (const method of ['POST', 'GET', 'DELETE']) {
    const { body, ...bare } = inSession
    const stolen = await send(port, { ...bare, ...(method === 'POST' && { body }), token: carol, method })
    assert.deepEqual([method, stolen.status, stolen.json.error?.code], [method, 404, -32001])
  }
})

test('answers of two people on one connection to the MCP server never mix, and none may be kept', async (t) => {
  const url = await startUpstream(t, (req, res) => {
    void text(req).then((body) => {
      const { id, params } = JSON.parse(body) as { id: number; params: { arguments: { who: string } } }
      res.writeHead(200, {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=999',
        etag: '"1"',
        age: '5',
      })
      res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { who: params.arguments.who } }))
    })
  })
  const { port } = await startGateway(t, url, { change: { limits: { concurrency: 2 } } })
  for (let round = 0; round < 20; round++)
    for (const who of ['bob', 'carol']) {
      const call = modern('tools/call', { name: 'look', arguments: { who } }, await tokenFor({ sub: who, jti: who }))
      const { json, headers } = await send(port, call)
      assert.equal(json.result?.['who'], who)
      assert.deepEqual([headers['cache-control'], headers['etag'], headers['age']], ['no-store', undefined, undefined])
    }
})

test('nothing that an MCP server answers becomes a header, a cookie or a redirect of ours', async (t) => {
  for (const [status, head] of [
    [302, { location: 'https://evil.example' }],
    [200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }],
    [401, { 'www-authenticate': 'Bearer scope="everything"' }],
    [403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="everything"' }],
    [407, { 'proxy-authenticate': 'Basic' }],
    [500, { 'content-type': 'application/json' }],
    [103, { link: '</a>' }],
  ] as const) {
    const url = await startUpstream(t, (req, res) => {
      if (status === 103) res.writeEarlyHints({ link: '</a>; rel=preload' })
      res.writeHead(status === 103 ? 500 : status, head).end('{"secret":"/srv/app.js:12"}')
      req.resume()
    })
    const { port } = await startGateway(t, url)
    const { status: got, headers, json, text: all } = await send(port, { ...CALL, token: await tokenFor() })
    assert.deepEqual([status, got, json.id], [status, 502, 7])
    assert.doesNotMatch(`${JSON.stringify(headers)}${all}`, /evil|everything|secret|srv|a=b|link|authenticate/)
  }
})

test('who sends a request drop by drop is cut off, with or without a token', async (t) => {
  const patience = { headersTimeout: 60, requestTimeout: 60, connectionsCheckingInterval: 10 }
  const seen: Seen[] = []
  const { port } = await startGateway(t, await startUpstream(t, answering({}, seen)), { patience })
  const token = await tokenFor()
  for (const begun of [
    'POST /mcp HTTP/1.1\r\nhost: x\r\nx-a: ',
    bytes(token, '{"jsonrpc"', ['content-length: 1000']),
    bytes(token, '5\r\n{"jso', ['transfer-encoding: chunked']),
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(begun)
    assert.match(await text(socket), /^(HTTP\/1\.1 408 [^]*"jsonrpc":"2\.0"[^]*)?$/)
  }
  assert.deepEqual(seen, [])
})

test('a body is refused unread without a token, and past its limit with one', async (t) => {
  const seen: Seen[] = []
  const { port } = await startGateway(t, await startUpstream(t, answering({}, seen)), {
    change: { limits: { body_bytes: 300 } },
  })
  const long = 'x'.repeat(400)
  assert.equal((await send(port, { ...CALL, body: long })).status, 401)
  const token = await tokenFor()
  const declared = await send(port, { ...CALL, token, body: long })
  assert.deepEqual([declared.status, declared.headers['connection'], declared.json.error?.code], [413, 'close', -32000])
  const undeclared = bytes(token, chunked(long), ['transfer-encoding: chunked', 'connection: close'])
  assert.match(await sendBytes(port, undeclared), /^HTTP\/1\.1 413 /)
  assert.deepEqual(seen, [])
})
