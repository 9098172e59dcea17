// A guard that takes signed tokens of Permitry and opaque ones of another authorization server, all over HTTP.
import assert from 'node:assert/strict'
import { after, afterEach, before, mock, test } from 'node:test'
import { decided, guard, type GuardOptions } from '@permitry/guard'
import { listen, type Listening, startStack, type Stack } from '@permitry/testkit'
import { type Answer, bearerOf, call, post } from '../conformance/mcp-client.ts'
import { READ as OUR_READ, tokensOf } from '../security/world.ts'
import { type ForeignIssuer, READ, startForeignIssuer, WRITE } from './foreign-issuer.ts'

const OTHER = 'https://kennel.example/mcp'
/** What the README of the guard states: how long an answer counts. */
const ANSWER_COUNTS_MS = 15_000

let stack: Stack
let mcp: Listening
let foreign: ForeignIssuer
let resource: string
let errors: Error[] = []
before(async () => {
  stack = await startStack()
  mcp = await listen()
  resource = `${mcp.origin}/mcp`
  foreign = await startForeignIssuer([resource, OTHER])
})
afterEach(() => {
  mock.timers.reset()
  foreign.lie = undefined
  errors = []
})
after(async () => {
  await stack.close()
  await mcp.close()
  await foreign.close()
})

/** Puts an MCP server behind a guard that knows nothing yet; the tool says who called. */
function serve(options: Partial<GuardOptions> = {}): (token: string, tool?: string) => Promise<Answer> {
  const { issuer, credential } = foreign
  const protect = guard({
    issuer: stack.issuer,
    names: [stack.mcpUrl],
    otherIssuers: [{ issuer, credential, opaqueTokens: true, guardApi: false }],
    resource,
    defaultScopes: [READ],
    tools: { whoami: READ, ours: OUR_READ, update_pet: WRITE },
    onError: (error) => errors.push(error),
    ...options,
  })
  const whoami = protect(async (_request, { authInfo }) => {
    const { iss, sub } = decided(authInfo).principal
    return Response.json({ jsonrpc: '2.0', id: 7, result: { iss, sub } })
  })
  mcp.serve(whoami)
  return (token, tool = 'whoami') => post(resource, call(tool), token)
}

/** From now on time passes when a test says so, for guard and authorization server alike. */
const holdTime = (): void => mock.timers.enable({ apis: ['Date'], now: Date.now() })
const pass = (milliseconds: number): void => mock.timers.tick(milliseconds)

function assertRefused(answer: Answer, because = answer.text): void {
  assert.equal(answer.status, 401, because)
  assert.equal(bearerOf(answer)['error'], 'invalid_token', because)
}

test('an active token opens what its scopes open, beside the signed tokens of the first issuer', async () => {
  const ask = serve()
  const token = await foreign.token({ resource })
  assert.ok(!token.includes('.'), 'nothing can be read in it')
  assert.deepEqual((await ask(token)).message.result, { iss: foreign.issuer, sub: 'bob' })
  const { access } = await tokensOf(stack.issuer, 'bob', { resource: stack.mcpUrl })
  assert.deepEqual((await ask(access, 'ours')).message.result, { iss: stack.issuer, sub: 'usr_bob' })
})

test('a token without the scope is told which one is missing, and one with it passes', async () => {
  const ask = serve()
  const answer = await ask(await foreign.token({ resource }), 'update_pet')
  assert.equal(answer.status, 403)
  assert.deepEqual([bearerOf(answer)['error'], bearerOf(answer)['scope']], ['insufficient_scope', WRITE])
  assert.equal((await ask(await foreign.token({ resource, scope: WRITE }), 'update_pet')).status, 200)
})

test('a token for another MCP server is refused, though it is active', async () => {
  assertRefused(await serve()(await foreign.token({ resource: OTHER })))
})

test('a token that nobody issued is refused, and a refresh token is none for calls', async () => {
  const ask = serve()
  assertRefused(await ask('A'.repeat(43)))
  assertRefused(await ask(foreign.refreshToken), 'active it is, and for no MCP server')
})

test('a token that was revoked there is refused within the fifteen seconds that an answer counts, by another guard at once', async () => {
  holdTime()
  const ask = serve()
  const token = await foreign.token({ resource })
  const asked = foreign.questions
  for (let index = 0; index < 3; index++) assert.equal((await ask(token)).status, 200)
  assert.equal(foreign.questions, asked + 1, 'one answer for several calls')
  await foreign.revoke(token)
  pass(ANSWER_COUNTS_MS - 1)
  assert.equal((await ask(token)).status, 200)
  pass(1)
  assertRefused(await ask(token))
  assertRefused(await serve()(token), 'another guard')
})

test('a token that has expired there is refused, also while an answer about it would still count', async () => {
  holdTime()
  const ask = serve()
  const token = await foreign.token({ resource })
  pass(295_000)
  assert.equal((await ask(token)).status, 200)
  pass(6_000)
  assertRefused(await ask(token))
})

test('while the authorization server is down nobody is served whose answer does not count any more', async () => {
  holdTime()
  const gone = await startForeignIssuer([resource])
  const { issuer, credential } = gone
  const ask = serve({ otherIssuers: [{ issuer, credential, opaqueTokens: true, guardApi: false }] })
  const [known, unknown] = [await gone.token({ resource }), await gone.token({ resource })]
  assert.equal((await ask(known)).status, 200)
  await gone.close()
  assert.equal((await ask(unknown)).status, 503)
  assert.equal((await ask(known)).status, 200)
  pass(ANSWER_COUNTS_MS)
  const answer = await ask(known)
  assert.deepEqual([answer.status, answer.challenges], [503, []], 'nobody is sent to log in again')
  assert.match(errors[0]?.message ?? '', /could not be asked about a token/)
})

/** Answers of a server that was broken into, or that is none, about a token of nobody. */
const lies: Readonly<Record<string, { status: number; members?: Readonly<Record<string, unknown>> | string }>> = {
  'says nothing of whom it is for': { status: 401, members: { aud: undefined } },
  'is about another MCP server': { status: 401, members: { aud: OTHER } },
  'speaks for our issuer': { status: 401, members: { iss: 'ours' } },
  'names nobody': { status: 401, members: { sub: undefined } },
  'names no client': { status: 401, members: { client_id: undefined } },
  'knows no end': { status: 401, members: { exp: undefined } },
  'has an end that is no number': { status: 401, members: { exp: '4102444800' } },
  'gives scopes as a list': { status: 401, members: { scope: [READ] } },
  'is about a refresh token': { status: 401, members: { token_type: 'refresh_token' } },
  'binds to a certificate, which nobody can check here': { status: 401, members: { cnf: { 'x5t#S256': 'x' } } },
  'says active as a text': { status: 503, members: { active: 'true' } },
  'is a signed one that nobody asked for': { status: 503, members: 'eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.' },
  'is a page': { status: 503, members: '<html>active</html>' },
}
for (const [what, { status, members }] of Object.entries(lies)) {
  test(`an answer that ${what} opens nothing`, async () => {
    const ask = serve()
    const truth = {
      active: true,
      iss: foreign.issuer,
      sub: 'bob',
      aud: resource,
      client_id: 'foreign-app',
      scope: READ,
      exp: Math.floor(Date.now() / 1000) + 300,
      token_type: 'Bearer',
    }
    const say = (body: string) => {
      foreign.lie = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    }
    const lie = typeof members === 'object' && members['iss'] === 'ours' ? { iss: stack.issuer } : members
    say(typeof lie === 'string' ? lie : JSON.stringify({ ...truth, ...lie }))
    assert.equal((await ask('B'.repeat(43))).status, status)
    say(JSON.stringify(truth))
    assert.equal((await ask('C'.repeat(43))).status, 200, 'without the lie it would have opened the tool')
  })
}

test('an answer that sends the question elsewhere is not followed: the credential goes to its issuer only', async () => {
  await using elsewhere = await listen()
  let asked = 0
  elsewhere.serve(() => (asked++, Response.json({ active: true })))
  const ask = serve()
  foreign.lie = (response) => response.writeHead(307, { location: elsewhere.origin }).end()
  assert.equal((await ask(await foreign.token({ resource }))).status, 503)
  assert.equal(asked, 0)
})
