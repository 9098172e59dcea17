// Several authorization servers before one MCP server: each speaks for its own tokens and for nobody else's.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { decided, guard } from '../index.ts'
import { createTestIssuer, ISSUER, legacy, messageOf, modern, NOW, RESOURCE, type TestIssuer } from '../test-issuer.ts'

const OTHER = 'https://login.example.org'

let [one, other]: [TestIssuer, TestIssuer] = [undefined as never, undefined as never]
let serve: (request: Request) => Promise<Response>
before(async () => {
  one = await createTestIssuer()
  other = await createTestIssuer(OTHER)
  serve = guard({
    issuer: ISSUER,
    otherIssuers: [{ issuer: OTHER }],
    resource: RESOURCE,
    defaultScopes: ['a'],
    tools: { whoami: [] },
    clock: () => NOW,
    fetch: (url, init) => (addressOf(url).startsWith(OTHER) ? other : one).fetch(url, init),
  })(async (request, { authInfo, parsedBody }) => {
    const headers = isInitialize(parsedBody) ? { 'mcp-session-id': 'session-1' } : {}
    const { iss, sub } = decided(authInfo).principal
    return Response.json({ id: 1, result: { iss, sub, session: request.headers.get('mcp-session-id') } }, { headers })
  })
})

const addressOf = (url: string | URL | Request): string => (url instanceof Request ? url.url : url.toString())
const isInitialize = (body: unknown): boolean => (body as { method?: string } | undefined)?.method === 'initialize'

function call(token: string): Promise<Response> {
  return serve(modern('tools/call', { name: 'whoami' }, token))
}

test('a token of each issuer is taken, and the caller is theirs', async () => {
  for (const [issuer, iss] of [
    [one, ISSUER],
    [other, OTHER],
  ] as const) {
    const { result } = await messageOf(await call(await issuer.token({ iss })))
    assert.deepEqual([result?.['iss'], result?.['sub']], [iss, 'bob'])
  }
})

test('a key of one issuer never verifies a token that names the other', async () => {
  assert.equal((await call(await other.token({ iss: ISSUER }))).status, 401)
  assert.equal((await call(await one.token({ iss: OTHER }))).status, 401)
})

test('an issuer that nobody configured is not asked, whatever its token says', async () => {
  const stranger = await createTestIssuer('https://evil.example')
  const before = one.fetched.length + other.fetched.length
  for (const iss of ['https://evil.example', `${OTHER}/`, undefined, [OTHER], 'https://LOGIN.example.org']) {
    assert.equal((await call(await stranger.token({ iss }))).status, 401)
  }
  assert.equal(one.fetched.length + other.fetched.length, before)
})

test('the metadata lists all issuers, the first one first', async () => {
  const response = await serve(new Request('https://mcp.vet.example/.well-known/oauth-protected-resource/mcp'))
  const { authorization_servers } = (await response.json()) as { authorization_servers: string[] }
  assert.deepEqual(authorization_servers, [ISSUER, OTHER])
})

test('two people whom two issuers call the same are two people: a session of one is not that of the other', async () => {
  const open = legacy('initialize', { protocolVersion: '2025-11-25' }, await one.token())
  assert.equal((await serve(open)).headers.get('mcp-session-id'), 'session-1')
  const inSession = async (token: string): Promise<number> => {
    const request = legacy('tools/call', { name: 'whoami' }, token)
    request.headers.set('mcp-session-id', 'session-1')
    return (await serve(request)).status
  }
  assert.equal(await inSession(await one.token()), 200)
  assert.equal(await inSession(await other.token({ iss: OTHER })), 404)
})
