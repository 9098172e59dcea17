import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import express from 'express'
import { guardMiddleware } from '../adapters/express.ts'
import { guard, type GuardOptions, type Protect } from '../index.ts'
import { createTestIssuer, ISSUER, legacy, modern, NOW, RESOURCE, type TestIssuer } from '../test-issuer.ts'
import { createTestTimers, createTestTransmitter, type TestTimers, type TestTransmitter } from './test-transmitter.ts'

let issuer: TestIssuer
let transmitter: TestTransmitter
let timers: TestTimers
let protect: Protect
let token: string
let carols: string

beforeEach(async () => {
  issuer = await createTestIssuer()
  transmitter = await createTestTransmitter(issuer)
  timers = createTestTimers()
  token = await issuer.token({ epoch: 7, exp: NOW / 1000 + 3600 })
  carols = await issuer.token({ epoch: 7, exp: NOW / 1000 + 3600, sub: 'carol' })
})
afterEach(() => protect.close())

async function open(options: Partial<GuardOptions> = {}): Promise<void> {
  protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { watch: [] },
    credential: transmitter.credential,
    fetch: transmitter.fetch,
    clock: timers.clock,
    schedule: timers.schedule,
    onError: () => {},
    ...options,
  })
  await transmitter.waiting()
}

const REQUESTS: Readonly<Record<string, (token: string) => Request>> = {
  'a call that is answered by events': (bearer) => modern('tools/call', { name: 'watch', arguments: {} }, bearer),
  'a call of a legacy client': (bearer) => legacy('tools/call', { name: 'watch', arguments: {} }, bearer),
  'subscriptions/listen': (bearer) =>
    modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, bearer),
  'the stream of a legacy client': (bearer) =>
    new Request(RESOURCE, { headers: { accept: 'text/event-stream', authorization: `Bearer ${bearer}` } }),
}

const EVENT = new TextEncoder().encode('data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n')

describe('in web-standard form', () => {
  /** A handler whose stream goes on until somebody cancels it. */
  function createHandler(contentType: string): { handle: () => Promise<Response>; cancelled: Promise<void> } {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(EVENT),
      cancel: () => resolve(),
    })
    return { handle: async () => new Response(body, { headers: { 'content-type': contentType } }), cancelled }
  }

  for (const [what, request] of Object.entries(REQUESTS)) {
    test(`${what} ends as soon as its token is revoked, and its handler hears of it`, async () => {
      await open()
      const { handle, cancelled } = createHandler('text/event-stream; charset=utf-8')
      const answer = await protect(handle)(request(token))
      assert.equal(answer.status, 200)
      const reader = answer.body?.getReader()
      assert.equal((await reader?.read())?.done, false)
      const rest = reader?.read()
      transmitter.send(await transmitter.set())
      assert.equal((await rest)?.done, true)
      await cancelled
    })
  }

  test('a stream of another person goes on', async () => {
    await open()
    const { handle } = createHandler('text/event-stream')
    const answer = await protect(handle)(modern('tools/call', { name: 'watch', arguments: {} }, carols))
    const reader = answer.body?.getReader()
    await reader?.read()
    transmitter.send(await transmitter.set())
    await transmitter.waiting()
    const rest = reader?.read().then(() => 'ended')
    assert.equal(await Promise.race([rest, Promise.resolve('goes on')]), 'goes on')
    await reader?.cancel()
  })

  test('a stream whose token was revoked while its handler started ends at once', async () => {
    await open()
    const { handle, cancelled } = createHandler('text/event-stream')
    const answer = await protect(async () => {
      transmitter.send(await transmitter.set())
      await transmitter.waiting()
      return handle()
    })(modern('tools/call', { name: 'watch', arguments: {} }, token))
    await answer.text()
    await cancelled
  })

  test('an answer that is no stream is left whole: it was allowed when it was asked for', async () => {
    await open()
    const answer = await protect(async () => {
      transmitter.send(await transmitter.set())
      await transmitter.waiting()
      return Response.json({ jsonrpc: '2.0', id: 1, result: {} })
    })(modern('tools/call', { name: 'watch', arguments: {} }, token))
    assert.deepEqual(await answer.json(), { jsonrpc: '2.0', id: 1, result: {} })
  })

  test('with `onSignalLoss: deny` streams end when nothing was heard for ten seconds', async () => {
    await open({ onSignalLoss: 'deny' })
    const { handle, cancelled } = createHandler('text/event-stream')
    const answer = await protect(handle)(modern('tools/call', { name: 'watch', arguments: {} }, token))
    timers.advance(10_000)
    await answer.text()
    await cancelled
  })
})

describe('behind Express', () => {
  let server: Server
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  /** A handler that writes events for as long as it can, also to an answer that was ended under it. */
  async function listen(handle: express.RequestHandler): Promise<string> {
    const app = express()
    app.use(guardMiddleware(protect))
    app.use(handle)
    server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    return `http://localhost:${(server.address() as AddressInfo).port}/mcp`
  }

  const send = async (url: string, request: Request): Promise<Response> =>
    fetch(url, {
      method: request.method,
      headers: request.headers,
      ...(request.method === 'POST' && { body: await request.text() }),
    })

  for (const [what, request] of Object.entries(REQUESTS)) {
    test(`${what} ends as soon as its token is revoked, and a handler that writes on does no harm`, async () => {
      await open({ resource: 'http://localhost:9401/mcp', names: [RESOURCE] })
      const ended = Promise.withResolvers<void>()
      const url = await listen((_req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT)
        const end = res.end.bind(res)
        res.end = ((...rest: Parameters<typeof end>) => {
          const result = end(...rest)
          // As a transport does that has not heard of it.
          res.write(EVENT, () => res.end(() => ended.resolve()))
          return result
        }) as typeof res.end
      })
      const answer = await send(url, request(token))
      assert.equal(answer.status, 200)
      const reader = answer.body?.getReader()
      await reader?.read()
      transmitter.send(await transmitter.set())
      assert.equal((await reader?.read())?.done, true)
      await ended.promise
    })
  }

  test('a stream whose token was revoked before its head was sent ends with its head', async () => {
    await open({ resource: 'http://localhost:9401/mcp', names: [RESOURCE] })
    const url = await listen(async (_req, res) => {
      transmitter.send(await transmitter.set())
      await transmitter.waiting()
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write(EVENT)
    })
    const answer = await send(url, modern('tools/call', { name: 'watch', arguments: {} }, token))
    assert.equal(await answer.text(), '')
  })

  test('an answer that is no stream is left whole', async () => {
    await open({ resource: 'http://localhost:9401/mcp', names: [RESOURCE] })
    const url = await listen(async (_req, res) => {
      transmitter.send(await transmitter.set())
      await transmitter.waiting()
      res.json({ result: 1 })
    })
    assert.deepEqual(await (await send(url, modern('tools/call', { name: 'watch', arguments: {} }, token))).json(), {
      result: 1,
    })
  })
})
