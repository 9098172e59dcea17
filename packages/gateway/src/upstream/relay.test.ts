// MCP servers that are slow, dead, too large or half gone, and clients that go away.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createSocketServer, connect, type AddressInfo } from 'node:net'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { setTimeout as tick } from 'node:timers/promises'
import { answering, legacy, modern, send, startGateway, startUpstream, tokenFor, type Sent } from '../testing.ts'

const CALL = modern('tools/call', { name: 'look', arguments: {} })
const LIST = modern('tools/list')
const result = (value: object) => JSON.stringify({ jsonrpc: '2.0', id: 7, result: value })
const JSON_TYPE = { 'content-type': 'application/json' }
const STREAM_TYPE = { 'content-type': 'text/event-stream' }

/** An MCP server that hands each request to a test. */
async function held(
  t: TestContext,
): Promise<{ url: string; next: () => Promise<{ req: IncomingMessage; res: ServerResponse }> }> {
  const waiting: { req: IncomingMessage; res: ServerResponse }[] = []
  let arrived = Promise.withResolvers<void>()
  const url = await startUpstream(t, (req, res) => {
    waiting.push({ req: req.resume(), res })
    arrived.resolve()
  })
  return {
    url,
    async next() {
      await arrived.promise
      arrived = Promise.withResolvers()
      const found = waiting.shift()
      assert.ok(found)
      return found
    },
  }
}

/** Begins a request and gives the answer before its body. */
async function open(port: number, { headers = {}, body, method = 'POST' }: Sent, token: string) {
  const outgoing = request({
    port,
    host: '127.0.0.1',
    path: '/mcp',
    method,
    agent: false,
    headers: {
      ...JSON_TYPE,
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
  })
  outgoing.on('error', () => {})
  outgoing.end(body)
  const response = once(outgoing, 'response').then(([incoming]) => incoming as IncomingMessage)
  // Whoever breaks the request off does not ask for its answer.
  response.catch(() => {})
  return { outgoing, response }
}

test('an answer in events reaches the client event by event, as soon as each is there', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const { response } = await open(port, CALL, await tokenFor())
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE).flushHeaders()
  const incoming = await response
  assert.deepEqual(
    [incoming.headers['content-type'], incoming.headers['x-accel-buffering']],
    ['text/event-stream', 'no'],
  )
  for (const event of ['data: {"a":1}\n\n', ': keep-alive\n\n', 'id: 1\ndata: {"b":2}\n\n']) {
    res.write(event)
    const [chunk] = (await once(incoming, 'data')) as [Buffer]
    assert.equal(chunk.toString(), event)
  }
  res.end()
  await once(incoming, 'end')
})

for (const [name, listener, status] of [
  [
    'answers an error as a page',
    (res: ServerResponse) => res.writeHead(500, { 'content-type': 'text/html' }).end('<h1>'),
    502,
  ],
  [
    'says nothing that is MCP',
    (res: ServerResponse) => res.writeHead(200, { 'content-type': 'text/plain' }).end('hello'),
    502,
  ],
  ['ends the connection', (res: ServerResponse) => res.destroy(), 502],
  ['breaks off within its head', (res: ServerResponse) => res.socket?.end('HTTP/1.1 200 OK\r\ncontent-'), 502],
  ['sends what is no HTTP', (res: ServerResponse) => res.socket?.end('SSH-2.0-x\r\n\r\n'), 502],
  [
    'breaks off within a short answer',
    (res: ServerResponse) =>
      void res.writeHead(200, { ...JSON_TYPE, 'content-length': 99 }).write('{"a"', () => res.destroy()),
    502,
  ],
  [
    'declares more than is allowed',
    (res: ServerResponse) => res.writeHead(200, { ...JSON_TYPE, 'content-length': 2000 }).end('x'.repeat(2000)),
    502,
  ],
  [
    'compresses unasked',
    (res: ServerResponse) => res.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end('x'),
    502,
  ],
  ['does not answer in time', () => {}, 504],
] as const)
  test(`an MCP server that ${name} is a failure of the gateway, with the id of the request`, async (t) => {
    const url = await startUpstream(t, (req, res) => {
      req.resume()
      listener(res)
    })
    const { port } = await startGateway(t, url, { change: { limits: { answer_seconds: 1, response_bytes: 1000 } } })
    const answer = await send(port, { ...CALL, token: await tokenFor() })
    assert.deepEqual([answer.status, answer.json.id, typeof answer.json.error?.code], [status, 7, 'number'])
    assert.equal((await send(port, { ...LIST, token: await tokenFor() })).status, status)
  })

test('an MCP server where nobody listens is a failure of the gateway', async (t) => {
  const probe = createSocketServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const { port } = await startGateway(t, `http://127.0.0.1:${free}/mcp`)
  const token = await tokenFor()
  const answer = await send(port, { ...CALL, token })
  assert.deepEqual([answer.status, answer.json.error?.message], [502, 'the MCP server cannot be reached'])
})

test('half of an answer never looks like a whole one', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url, { change: { limits: { response_bytes: 500_000 } } })
  const token = await tokenFor()
  for (const breakOff of [
    (res: ServerResponse) => res.destroy(),
    (res: ServerResponse) => void res.write('x'.repeat(300_000)),
  ]) {
    const { response } = await open(port, CALL, token)
    const { res } = await next()
    res.writeHead(200, JSON_TYPE).write(`{"jsonrpc":${' '.repeat(300_000)}`)
    const incoming = await response
    // The last events: an end would be one that looks whole.
    const ended = new Promise((resolve) =>
      incoming.once('end', () => resolve('end')).once('error', () => resolve('error')),
    )
    incoming.once('data', () => breakOff(res)).resume()
    assert.equal(await ended, 'error')
  }
})

test('a stream that stands still for too long ends', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url, { change: { limits: { idle_seconds: 1 } } })
  const { response } = await open(port, CALL, await tokenFor())
  ;(await next()).res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  const incoming = await response
  incoming.resume()
  await once(incoming, 'error')
})

test('a list that never ends is not kept: an event past the limit breaks off', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url, { change: { limits: { response_bytes: 1000 } } })
  const { response } = await open(port, LIST, await tokenFor())
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE).write(`data: {"x":"${'x'.repeat(2000)}`)
  const incoming = await response
  incoming.resume()
  await once(incoming, 'error')
})

test('2026-07-28: a client that goes away cancels its request at the MCP server', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const token = await tokenFor()
  const { outgoing } = await open(port, CALL, token)
  const early = await next()
  outgoing.destroy()
  await once(early.res, 'close')
  const { response } = await open(port, CALL, token)
  const late = await next()
  late.res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  ;(await response).destroy()
  await once(late.res, 'close')
  assert.equal(late.res.writableFinished, false)
})

test('2025-11-25: a client that goes away cancels nothing, and the MCP server comes to its end', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const { response } = await open(port, legacy('tools/call', { name: 'look', arguments: {} }), await tokenFor())
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  const incoming = await response
  incoming.on('error', () => {}).destroy()
  await once(incoming, 'close')
  for (let event = 0; event < 50; event++) if (!res.write(`data: ${'x'.repeat(50_000)}\n\n`)) await once(res, 'drain')
  res.end()
  await once(res, 'finish')
})

test('2025-11-25: the stream of a GET ends at the MCP server when its client goes away', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const { response } = await open(
    port,
    { method: 'GET', headers: { 'mcp-protocol-version': '2025-11-25' } },
    await tokenFor(),
  )
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  ;(await response).on('error', () => {}).destroy()
  await once(res, 'close')
})

test('a client that reads slowly slows the MCP server down, and gets every byte', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const { response } = await open(port, CALL, await tokenFor())
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE)
  const [block, blocks] = [`data: ${'x'.repeat(1_000_000)}\n\n`, 40]
  for (let written = 0; written < blocks; written++) res.write(block)
  // Nothing is read yet. Buffers of the system take some of it; the rest waits at the MCP server and not in the gateway.
  for (let before = -1; before !== res.writableLength; await tick(100)) before = res.writableLength
  assert.ok(res.writableLength > 10_000_000, `${res.writableLength} bytes wait`)
  res.end()
  let size = 0
  for await (const chunk of await response) size += (chunk as Buffer).length
  assert.equal(size, blocks * block.length)
})

test('a client that takes nothing is cut off after a while, and its place is free', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url, { change: { limits: { idle_seconds: 1, concurrency: 1 } } })
  const token = await tokenFor()
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  const { headers, body = '' } = CALL
  const lines = Object.entries({ ...headers, ...JSON_TYPE, host: 'localhost', authorization: `Bearer ${token}` })
  socket.pause()
  socket.write(
    `POST /mcp HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: ${body.length}\r\n\r\n${body}`,
  )
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE)
  const closed = once(res, 'close')
  const more = (error?: Error | null): void => {
    if (!error && !res.destroyed) res.write('x'.repeat(1_000_000), more)
  }
  more()
  await closed
  const after = send(port, { ...CALL, token })
  ;(await next()).res.writeHead(200, JSON_TYPE).end(result({}))
  assert.equal((await after).status, 200)
  socket.destroy()
})

test('requests beyond the limit are told to come again, and one person cannot take all places', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url, { change: { limits: { concurrency: 3, concurrency_per_person: 2 } } })
  const [bob, carol, dana] = [
    await tokenFor({ sub: 'bob', jti: 'b' }),
    await tokenFor({ sub: 'carol', jti: 'c' }),
    await tokenFor({ sub: 'dana', jti: 'd' }),
  ]
  const running = [send(port, { ...CALL, token: bob }), send(port, { ...CALL, token: bob })]
  const held2 = [await next(), await next()]
  const third = await send(port, { ...CALL, token: bob })
  assert.deepEqual([third.status, third.json.id, third.headers['retry-after']], [503, 7, '1'])
  running.push(send(port, { ...CALL, token: carol }))
  held2.push(await next())
  assert.equal((await send(port, { ...CALL, token: dana })).status, 503)
  for (const { res } of held2) res.writeHead(200, JSON_TYPE).end(result({}))
  assert.deepEqual(
    (await Promise.all(running)).map(({ status }) => status),
    [200, 200, 200],
  )
  const after = send(port, { ...CALL, token: bob })
  ;(await next()).res.writeHead(200, JSON_TYPE).end(result({}))
  assert.equal((await after).status, 200)
})

test('what an MCP server says about session and revision reaches the client; a page in its place becomes an error', async (t) => {
  const error = JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    error: { code: -32022, message: 'x', data: { supported: ['2025-11-25'] } },
  })
  for (const [status, type, body, expected] of [
    [400, 'application/json', error, error],
    [404, 'application/json; charset=utf-8', error, error],
    [404, 'text/html', '<h1>Cannot POST</h1>', undefined],
    [405, 'text/plain', 'no', undefined],
  ] as const) {
    const url = await startUpstream(
      t,
      (req, res) => void (req.resume(), res.writeHead(status, { 'content-type': type }).end(body)),
    )
    const { port } = await startGateway(t, url)
    const answer = await send(port, { ...modern('server/discover'), token: await tokenFor() })
    assert.equal(answer.status, status)
    if (expected !== undefined) assert.equal(answer.text, expected)
    // Of the gateway's own: none that a client knows as one of 2026-07-28, since the server is not of that revision.
    else assert.deepEqual([answer.json.id, answer.json.error?.code], [7, -32000])
  }
})

test('a notification is accepted, and a body that should not be there does not come along', async (t) => {
  const url = await startUpstream(
    t,
    (req, res) => void (req.resume(), res.writeHead(202, { 'content-type': 'text/plain' }).end('Accepted')),
  )
  const { port } = await startGateway(t, url)
  const note = legacy('notifications/initialized')
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
  const answer = await send(port, { ...note, body, token: await tokenFor() })
  assert.deepEqual([answer.status, answer.text], [202, ''])
})

test('asked to stop, the gateway ends streams, takes nothing new and finishes what it has begun', async (t) => {
  const { url, next } = await held(t)
  const { port, gateway } = await startGateway(t, url)
  const token = await tokenFor()
  const stream = await open(port, { method: 'GET', headers: { 'mcp-protocol-version': '2025-11-25' } }, token)
  ;(await next()).res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  const incoming = await stream.response
  const call = send(port, { ...CALL, token })
  const begun = await next()
  gateway.stop()
  incoming.resume()
  await once(incoming, 'end')
  assert.equal((await send(port, { ...CALL, token })).status, 503)
  begun.res.writeHead(200, JSON_TYPE).end(result({}))
  assert.equal((await call).status, 200)
})

for (const [what, headers] of [
  ['an answer in events', STREAM_TYPE],
  ['an answer that has not begun', undefined],
] as const)
  test(`when the time to stop is over ${what} is cut off, which is no fault to be told`, async (t) => {
    const { url, next } = await held(t)
    const { port, gateway, errors } = await startGateway(t, url)
    const { outgoing, response } = await open(
      port,
      legacy('tools/call', { name: 'look', arguments: {} }),
      await tokenFor(),
    )
    const { res } = await next()
    const ended = once(outgoing, 'close')
    if (headers !== undefined) {
      res.writeHead(200, headers).write(': hello\n\n')
      const incoming = await response
      incoming.on('error', () => {}).resume()
    }
    gateway.stop()
    await gateway.close()
    if (headers === undefined) {
      const incoming = await response
      assert.equal(incoming.statusCode, 503)
      incoming.resume()
    }
    await ended
    assert.deepEqual(errors, [])
  })

test('a stream ends with the token that opened it', async (t) => {
  const { url, next } = await held(t)
  const { port } = await startGateway(t, url)
  const exp = Math.floor(Date.now() / 1000) + 2
  const { response } = await open(
    port,
    { method: 'GET', headers: { 'mcp-protocol-version': '2025-11-25' } },
    await tokenFor({ exp }),
  )
  const { res } = await next()
  res.writeHead(200, STREAM_TYPE).write(': hello\n\n')
  const incoming = await response
  incoming.resume()
  await Promise.all([once(incoming, 'end'), once(res, 'close')])
  assert.ok(Date.now() / 1000 >= exp - 1)
})

test('a long answer in many pieces comes whole', async (t) => {
  const text = 'x'.repeat(3_000_000)
  const { port } = await startGateway(t, await startUpstream(t, answering({ text })))
  const answer = await send(port, { ...CALL, token: await tokenFor() })
  assert.equal(answer.json.result?.['text'], text)
})
