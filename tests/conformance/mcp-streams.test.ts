// Answers that go on: streams of events in front of which the guard stands, and what ends them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guard, type HandlerOptions } from '@permitry/guard'
import { listen, type Listening } from '@permitry/testkit'
import { call, legacy, modern, type Sent } from './mcp-client.ts'
import { type Issuer, startIssuer } from './mcp-issuer.ts'
import { READ, WRITE } from './mcp-server.ts'

type Handle = (request: Request, options: HandlerOptions) => Promise<Response>

let mcp: Listening
let issuer: Issuer
let url: string
/** What answers behind the guard; each test says. */
let handle: Handle
before(async () => {
  mcp = await listen()
  url = `${mcp.origin}/mcp`
  issuer = await startIssuer(() => url)
  const protect = guard({
    issuer: issuer.issuer,
    resource: url,
    defaultScopes: [READ],
    tools: { list_pets: READ },
    resources: { 'pet://fido': READ, 'clinic://accounts': WRITE },
  })
  mcp.serve(protect((request, options) => handle(request, options)))
})
after(() => Promise.all([mcp.close(), issuer.close()]))

const encoder = new TextEncoder()

/** A stream of events that a test writes to, and what it learns about its reader. */
function openStream() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const gone = Promise.withResolvers<void>()
  writer.closed.catch(() => gone.resolve())
  const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }
  return {
    response: new Response(readable, { headers }),
    write: (text: string) => writer.write(encoder.encode(text)),
    gone: gone.promise,
  }
}

const send = async ({ headers, body }: Sent, claims = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${await issuer.token(claims)}` },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })

const progress =
  'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}\n\n'

test('TR-19: a client that closes the stream of its request ends the work behind the guard', async () => {
  const stream = openStream()
  const aborted = Promise.withResolvers<void>()
  handle = async ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve())
    return stream.response
  }
  const client = new AbortController()
  const answer = await send(call('list_pets'), {}, client.signal)
  const reader = answer.body?.getReader()
  await Promise.all([stream.write(progress), reader?.read()])
  client.abort()
  await assert.rejects(async () => reader?.read())
  await Promise.all([stream.gone, aborted.promise])
})

test('TR-20: events pass one by one, comments that keep the connection too, and proxies are told not to hold them back', async () => {
  for (const sent of [call('list_pets'), modern('tools/list'), legacy('tools/list')]) {
    const stream = openStream()
    handle = async () => stream.response
    const answer = await send(sent)
    assert.equal(answer.headers.get('x-accel-buffering'), 'no')
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    // Each is read before the next one is written.
    for (const part of [': keep-alive\n\n', progress]) {
      const [read] = await Promise.all([reader?.read(), stream.write(part)])
      assert.equal(read?.value, part)
    }
    await reader?.cancel()
    await stream.gone
  }
})

test('TR-23: a subscription reaches the server with the resources that the caller may read, and its stream comes back as it is', async () => {
  const stream = openStream()
  const received: unknown[] = []
  handle = async (_, { parsedBody }) => {
    received.push(parsedBody)
    return stream.response
  }
  const notifications = {
    resourceSubscriptions: ['pet://fido', 'clinic://accounts', 'pet://unknown'],
    toolsListChanged: true,
  }
  const answer = await send(modern('subscriptions/listen', { notifications }))
  const [{ params }] = received as [{ params: { notifications: unknown } }]
  assert.deepEqual(params.notifications, { ...notifications, resourceSubscriptions: ['pet://fido'] })

  const meta = { _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } }
  const acknowledged = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: { ...meta, notifications } })}\n\n`
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  const [read] = await Promise.all([reader?.read(), stream.write(acknowledged)])
  assert.equal(read?.value, acknowledged)
  await reader?.cancel()
})

test('RS-36: a stream that goes on ends with its token: a subscription and a stream of the session era', async () => {
  const get = async ({ exp }: { exp: number }) =>
    fetch(url, { headers: { accept: 'text/event-stream', authorization: `Bearer ${await issuer.token({ exp })}` } })
  const listening = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
  for (const ask of [(claims: { exp: number }) => send(listening, claims), get]) {
    const stream = openStream()
    handle = async () => stream.response
    const answer = await ask({ exp: Math.floor(Date.now() / 1000) + 2 })
    assert.equal(answer.status, 200)
    const [text] = await Promise.all([answer.text(), stream.write(progress)])
    assert.equal(text, progress, 'what was said before is there, and then it ends in good order')
  }
})
