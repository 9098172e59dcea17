// A tool that asks back (multi round-trip requests): what the client echoes is its word and nobody's proof; each round is decided anew.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { type AuditEvent, decided, guard, type HandlerOptions } from '@permitry/guard'
import { listen, type Listening } from '@permitry/testkit'
import { z } from 'zod'
import { type Answer, assertRan, call, modern, post, toolsIn } from './mcp-client.ts'
import { type Issuer, startIssuer } from './mcp-issuer.ts'
import { READ, WRITE } from './mcp-server.ts'

let mcp: Listening
let issuer: Issuer
let url: string
const booked: string[] = []
const audit: AuditEvent[] = []
const received: { params?: { _meta?: Record<string, unknown> } }[] = []

/** As the README of the guard says: state belongs to the person and client that it was made for, and to one method. */
const codec = createRequestStateCodec<{ slot: string }>({
  key: crypto.getRandomValues(new Uint8Array(32)),
  bind: ({ mcpReq, http }: ServerContext) => {
    const { iss, sub, client_id } = decided(http?.authInfo).principal
    return JSON.stringify([iss, sub, client_id, mcpReq.method])
  },
})

const QUESTION = inputRequired.elicit({
  message: 'Book it?',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
})

function createServer(): McpServer {
  const server = new McpServer(
    { name: 'clinic', version: '1' },
    { requestState: { verify: (state, context) => codec.verify(state, context) } },
  )
  for (const name of ['book', 'book_for_all']) {
    server.registerTool(name, { inputSchema: z.object({ slot: z.string() }) }, async ({ slot }, context) => {
      const { mcpReq, http } = context
      const isAgreed = acceptedContent<{ ok: boolean }>(mcpReq.inputResponses, 'confirm')?.ok === true
      if (mcpReq.requestState() === undefined || !isAgreed) {
        const requestState = await codec.mint({ slot }, context)
        return inputRequired({ inputRequests: { confirm: QUESTION }, requestState })
      }
      booked.push(`${decided(http?.authInfo).principal.sub} ${mcpReq.requestState<{ slot: string }>()?.slot ?? ''}`)
      return { content: [{ type: 'text', text: 'booked' }] }
    })
  }
  return server
}

before(async () => {
  mcp = await listen()
  url = `${mcp.origin}/mcp`
  issuer = await startIssuer(() => url)
  const handler = createMcpHandler(createServer)
  const protect = guard({
    issuer: issuer.issuer,
    resource: url,
    defaultScopes: [READ],
    tools: { book: READ, book_for_all: WRITE },
    audit: { sink: (event) => void audit.push(event) },
  })
  mcp.serve(
    protect((request: Request, options: HandlerOptions) => {
      received.push(options.parsedBody as (typeof received)[number])
      return handler.fetch(request, options)
    }),
  )
})
after(() => Promise.all([mcp.close(), issuer.close()]))

const META = 'io.modelcontextprotocol'
const capabilities = { elicitation: { form: {} }, extensions: { 'com.example/rooms': { version: 2 } } }
const envelope = { [`${META}/protocolVersion`]: '2026-07-28', [`${META}/clientCapabilities`]: capabilities }

const ask = (token: string, more: Readonly<Record<string, unknown>> = {}, name = 'book'): Promise<Answer> => {
  const params = { name, arguments: { slot: 'tuesday' }, _meta: envelope, ...more }
  return post(url, modern('tools/call', params), token)
}

/** The first round: a question, and the state that the client is to send back. */
async function question(token: string): Promise<string> {
  const { message, text } = await ask(token)
  assert.equal(message.result?.['resultType'], 'input_required', text)
  return String(message.result?.['requestState'])
}
const yes = { confirm: { action: 'accept', content: { ok: true } } }

test('TR-24: a question passes the guard, and its answer is decided like any request', async () => {
  const bob = await issuer.token()
  const requestState = await question(bob)
  const before = audit.length
  assertRan(await ask(bob, { requestState, inputResponses: yes }), 'booked')
  assert.equal(audit.length, before + 1, 'the second round has a decision of its own')
  assert.deepEqual(booked.splice(0), ['usr_bob tuesday'])

  const lessNow = await issuer.token({ scope: '' })
  assert.equal((await ask(lessNow, { requestState, inputResponses: yes })).status, 403)
  assert.equal((await post(url, modern('tools/call', { name: 'book', requestState, inputResponses: yes }))).status, 401)
  const hidden = await ask(bob, { requestState, inputResponses: yes }, 'book_for_all')
  assert.match(hidden.message.error?.message ?? '', /not found/)
  assert.deepEqual(booked, [])
})

test('RS-28: a requestState that was changed, made up or left out opens nothing', async () => {
  const bob = await issuer.token()
  const state = await question(bob)
  // The first character of the signature: the last one has bits that decoders overlook.
  const at = state.lastIndexOf('.') + 1
  const changed = `${state.slice(0, at)}${state[at] === 'A' ? 'B' : 'A'}${state.slice(at + 1)}`
  for (const requestState of [changed, `${state}x`, '', 'x', btoa('{"slot":"tuesday"}')]) {
    const answer = await ask(bob, { requestState, inputResponses: yes })
    assert.equal(answer.message.error?.code, -32602, `${requestState}: ${answer.text}`)
  }
  const without = await ask(bob, { inputResponses: yes })
  assert.equal(without.message.result?.['resultType'], 'input_required', without.text)
  assert.deepEqual(booked, [])
})

test('RS-29: the requestState of one person is nothing in the hands of another, or of another client of the same person', async () => {
  const requestState = await question(await issuer.token())
  for (const claims of [{ sub: 'usr_carol' }, { client_id: 'other' }]) {
    const answer = await ask(await issuer.token(claims), { requestState, inputResponses: yes })
    assert.equal(answer.message.error?.code, -32602, answer.text)
  }
  assert.deepEqual(booked, [])
})

test('RS-33: what a client says of itself and of its user decides nothing', async () => {
  const carol = await issuer.token({ sub: 'usr_carol', scope: '', entitlements: [] })
  const _meta = {
    ...envelope,
    [`${META}/clientInfo`]: { name: 'Permitry', version: '1', sub: 'usr_bob', scope: WRITE },
    sub: 'usr_bob',
    'io.modelcontextprotocol/user': 'usr_bob',
  }
  const sent = modern('tools/call', { name: 'book_for_all', arguments: { slot: 'tuesday', sub: 'usr_bob' }, _meta })
  const answer = await post(url, { ...sent, headers: { ...sent.headers, 'x-forwarded-user': 'usr_bob' } }, carol)
  assert.match(answer.message.error?.message ?? '', /not found/)
  const { sub, client_id, outcome } = audit.at(-1) ?? {}
  assert.deepEqual([sub, client_id, outcome], ['usr_carol', 'exact', 'never'])
})

test('TR-31: extensions that a client or a server names pass the guard in both directions', async () => {
  const bob = await issuer.token()
  await question(bob)
  assert.deepEqual(received.at(-1)?.params?._meta?.[`${META}/clientCapabilities`], capabilities)
  await using extended = await listen()
  const result = { resultType: 'complete', capabilities, supportedVersions: ['2026-07-28'] }
  const protect = guard({ issuer: issuer.issuer, resource: url, defaultScopes: [], tools: {} })
  extended.serve(protect(async () => Response.json({ jsonrpc: '2.0', id: 7, result })))
  const answer = await post(`${extended.origin}/mcp`, modern('server/discover'), bob)
  assert.deepEqual(answer.message.result, result)
})

test('TR-32: each person sees a list of the own, also right after somebody else over the same connection', async () => {
  const names = async (claims: Readonly<Record<string, unknown>>): Promise<string[]> => {
    const answer = await post(url, modern('tools/list'), await issuer.token(claims))
    return toolsIn(answer).toSorted()
  }
  const dana = { sub: 'usr_dana', scope: `${READ} ${WRITE}`, entitlements: [READ, WRITE] }
  const before = received.length
  const lists = [
    await names(dana),
    await names({}),
    await names({ sub: 'usr_carol', scope: '', entitlements: [] }),
    await names(dana),
  ]
  assert.deepEqual(lists, [['book', 'book_for_all'], ['book'], [], ['book', 'book_for_all']])
  assert.equal(received.length, before + 4, 'the server was asked each time')
})

test('RS-21, RS-34: a handle is no proof of who calls, and a server on loopback needs a token as well', async () => {
  const requestState = await question(await issuer.token())
  for (const given of [undefined, requestState, 'x']) {
    assert.equal(
      (await post(url, call('book', { slot: 'tuesday' }, { 'mcp-session-id': requestState }), given)).status,
      401,
    )
  }
})
