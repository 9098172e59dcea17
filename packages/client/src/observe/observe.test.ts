import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import type { FetchLike } from '@modelcontextprotocol/client'
import type { ObservedMessage } from './message.ts'
import { createObserver } from './observe.ts'

const who = { user: 'usr_1', server: 'https://mcp.example/mcp', context: undefined }
const TOKEN = 'the-access-token-of-bob'

type Kind = ObservedMessage['kind']

/** A fetch that is watched, and the first messages that are told about it. */
function watch(
  kind: Kind,
  answer: () => Response,
): { send: FetchLike; told: (count: number) => Promise<ObservedMessage[]> } {
  const messages: ObservedMessage[] = []
  const told = new EventEmitter()
  const observer = createObserver(
    who,
    (message) => told.emit('message', messages.push(message)),
    () => 1,
  )
  return {
    send: observer.watch(kind, async () => answer()),
    async told(count) {
      while (messages.length < count) await once(told, 'message')
      return messages
    },
  }
}

test('secrets of forms, headers, answers and addresses are hidden by their names', async () => {
  const { send, told } = watch('oauth', () =>
    Response.json({ access_token: TOKEN, refresh_token: 'the-refresh-token', token_type: 'Bearer', scope: 'a b' }),
  )
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'the-code-of-bob',
    code_verifier: 'the-verifier',
  })
  await send('https://as.example/token?state=the-state', {
    method: 'POST',
    headers: { authorization: 'Basic dmV0OnNlY3JldC1vZi1ib2I=', accept: 'application/json' },
    body,
  })
  const messages = await told(2)
  const [request, answer] = messages
  assert.deepEqual(request?.body, { grant_type: 'authorization_code', code: '‹hidden›', code_verifier: '‹hidden›' })
  assert.equal(request?.headers['authorization'], 'Basic ‹hidden›')
  assert.equal(request?.headers['accept'], 'application/json')
  assert.equal(request?.summary, 'POST /token authorization_code')
  assert.deepEqual(answer?.body, {
    access_token: '‹hidden›',
    refresh_token: '‹hidden›',
    token_type: 'Bearer',
    scope: 'a b',
  })
  assert.equal(answer?.summary, '200 for a b')
  assert.doesNotMatch(JSON.stringify(messages), /the-|dmV0/)
})

test('an answer that is not JSON shows nothing: it may be a token in a form, or half of one', async () => {
  for (const text of [`access_token=${TOKEN}&scope=a`, `{"access_token":"${TOKEN}`, `<p>${TOKEN}</p>`, `"${TOKEN}"`]) {
    const { send, told } = watch('oauth', () => new Response(text))
    await send('https://as.example/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) })
    const messages = await told(2)
    assert.equal(messages[1]?.body, '‹hidden›', text)
    assert.ok(!JSON.stringify(messages).includes(TOKEN), text)
  }
})

test('a server that echoes a token does not show it to the observer', async () => {
  const { send, told } = watch('mcp', () =>
    Response.json({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'text', text: `you sent ${TOKEN}` }], [TOKEN]: 1 },
    }),
  )
  const response = await send('https://mcp.example/mcp', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', arguments: { code: 'A1' } },
    }),
  })
  const messages = await told(2)
  assert.match(await response.text(), new RegExp(TOKEN), 'the app gets the answer as it is')
  assert.ok(!JSON.stringify(messages).includes(TOKEN))
  assert.equal(messages[0]?.summary, 'tools/call echo')
  const body = messages[0]?.body as { params: unknown } | undefined
  assert.deepEqual(body?.params, { name: 'echo', arguments: { code: 'A1' } })
})

test('the messages of a stream are told one by one, however they are cut', async () => {
  const text =
    'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n: ping\n\ndata: {"jsonrpc":"2.0",\ndata: "id":1,"result":{}}\r\n\r\n'
  const { send, told } = watch('mcp', () => {
    const bytes = new TextEncoder().encode(text)
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7))
        controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  const response = await send('https://mcp.example/mcp', { method: 'POST' })
  assert.equal(await response.text(), text)
  const messages = await told(3)
  assert.deepEqual(
    messages.map(({ summary }) => summary),
    ['POST /mcp', '200 notifications/progress', '200 result'],
  )
})

test('refusals say what is wanted', async () => {
  const { send, told } = watch(
    'mcp',
    () =>
      new Response('{}', {
        status: 403,
        headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="a b"' },
      }),
  )
  await send('https://mcp.example/mcp')
  const messages = await told(2)
  assert.equal(messages[1]?.summary, '403 insufficient_scope for a b')
})

test('without an observer nothing is wrapped', () => {
  const send = async (): Promise<Response> => new Response()
  assert.equal(createObserver(who, undefined, () => 1).watch('mcp', send), send)
})
