import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimsOf, conformanceStack, postForm, tokensFor } from './harness.ts'
import { bearerOf, answerOf } from './mcp-client.ts'

const server = conformanceStack()
const IDENTITY = { resource: undefined, scope: 'openid profile email' }

const userinfo = async (authorization: string | undefined, init: RequestInit = {}) =>
  answerOf(
    await fetch(`${server().issuer}/userinfo`, {
      ...init,
      headers: authorization === undefined ? {} : { authorization },
    }),
  )

test('AS-129, AS-84: GET and POST with a bearer token answer the sub of the ID token, at the published address', async () => {
  const { issuer } = server()
  const { accessToken, idToken } = await tokensFor('bob', issuer, 'exact', IDENTITY)
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    userinfo_endpoint: string
  }
  assert.equal(metadata.userinfo_endpoint, `${issuer}/userinfo`)
  for (const method of ['GET', 'POST']) {
    const { status, headers, text } = await userinfo(`Bearer ${accessToken}`, { method })
    assert.equal(status, 200, text)
    assert.match(headers.get('content-type') ?? '', /^application\/json\b/)
    assert.match(headers.get('cache-control') ?? '', /no-store/)
    const claims = JSON.parse(text) as Record<string, unknown>
    assert.equal(claims['sub'], claimsOf(idToken)['sub'])
  }
})

test('AS-129: what is told follows from the scopes of the token', async () => {
  const { issuer } = server()
  const told = async (scope: string): Promise<string[]> => {
    const { accessToken } = await tokensFor('carol', issuer, 'exact', { resource: undefined, scope })
    return Object.keys(JSON.parse((await userinfo(`Bearer ${accessToken}`)).text) as object)
  }
  assert.deepEqual(await told('openid'), ['sub'])
  const all = await told('openid profile email')
  for (const name of ['sub', 'name', 'email']) assert.ok(all.includes(name), name)
})

test('AS-129: without a token it is a 401 without error code', async () => {
  const answer = await userinfo(undefined)
  assert.equal(answer.status, 401)
  assert.deepEqual(
    answer.challenges.map(({ scheme, parameters }) => [scheme, parameters.get('error')]),
    [
      ['bearer', undefined],
      ['dpop', undefined],
    ],
  )
})

test('AS-129, AS-111: forged tokens, ID tokens, refresh tokens and tokens for an MCP server are invalid_token', async () => {
  const { issuer } = server()
  const { accessToken, idToken, refreshToken } = await tokensFor('bob', issuer, 'exact', IDENTITY)
  const [head = '', payload = '', signature = ''] = accessToken.split('.')
  const dana = Buffer.from(JSON.stringify({ ...claimsOf(accessToken), sub: 'usr_dana' })).toString('base64url')
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  const forTool = await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })
  for (const token of [
    'x',
    `${head}.${payload}.`,
    `${none}.${payload}.`,
    `${head}.${dana}.${signature}`,
    idToken,
    refreshToken,
    forTool.accessToken,
    '',
  ]) {
    const answer = await userinfo(`Bearer ${token}`)
    assert.equal(answer.status, 401, token)
    assert.equal(bearerOf(answer)['error'], 'invalid_token')
    assert.doesNotMatch(answer.text, /bob/)
  }
})

test('AS-129: an expired or revoked token is invalid_token at once', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { accessToken } = await tokensFor('bob', issuer, 'exact', IDENTITY)
  const other = await tokensFor('bob', issuer, 'exact', IDENTITY)
  await postForm(`${issuer}/revoke`, { token: other.refreshToken, client_id: 'exact' })
  assert.equal((await userinfo(`Bearer ${other.accessToken}`)).status, 401)
  assert.equal((await userinfo(`Bearer ${accessToken}`)).status, 200)
  conformance.advance(400)
  assert.equal((await userinfo(`Bearer ${accessToken}`)).status, 401)
})

test('AS-129: a person or client that was suspended is told nothing', async () => {
  const { issuer, stack } = server()
  const { accessToken } = await tokensFor('carol', issuer, 'es256-app', IDENTITY)
  const set = (table: 'subjects' | 'clients', id: string, status: 'active' | 'suspended'): Promise<unknown> =>
    stack.store.unit((db) => db.updateTable(table).set({ status }).where('id', '=', id).execute())
  for (const [table, id] of [
    ['subjects', 'usr_carol'],
    ['clients', 'es256-app'],
  ] as const) {
    await set(table, id, 'suspended')
    const answer = await userinfo(`Bearer ${accessToken}`)
    assert.deepEqual([answer.status, bearerOf(answer)['error']], [401, 'invalid_token'], table)
    await set(table, id, 'active')
  }
  assert.equal((await userinfo(`Bearer ${accessToken}`)).status, 200)
})

test('AS-129: a token for the issuer without openid is insufficient_scope', async () => {
  const { issuer } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'two-servers', { resource: issuer, scope: 'profile' })
  assert.equal(claimsOf(accessToken)['aud'], issuer)
  const answer = await userinfo(`Bearer ${accessToken}`)
  assert.deepEqual(
    [answer.status, bearerOf(answer)['error'], bearerOf(answer)['scope']],
    [403, 'insufficient_scope', 'openid'],
  )
})

test('AS-129: a token is taken from the header only', async () => {
  const { issuer } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'exact', IDENTITY)
  const inQuery = await fetch(`${issuer}/userinfo?access_token=${accessToken}`)
  assert.ok([400, 401].includes(inQuery.status))
  const inBody = await fetch(`${issuer}/userinfo`, {
    method: 'POST',
    body: new URLSearchParams({ access_token: accessToken }),
  })
  assert.ok([400, 401].includes(inBody.status))
  for (const authorization of [`Basic ${accessToken}`, `DPoP ${accessToken}`, accessToken]) {
    assert.equal((await userinfo(authorization)).status, 401)
  }
})
