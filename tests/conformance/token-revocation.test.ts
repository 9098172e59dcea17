import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertError, claimsOf, conformanceStack, postForm, refresh, tokensFor } from './harness.ts'
import { SECRET } from './parties.ts'

const server = conformanceStack()

test('AS-103, AS-104: a revoked refresh token ends its family, and no other', async () => {
  const { issuer } = server()
  const other = await tokensFor('bob', issuer, 'exact')
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const { status, headers } = await postForm(`${issuer}/revoke`, { token: refreshToken, client_id: 'exact' })
  assert.equal(status, 200)
  assert.match(headers.get('cache-control') ?? '', /no-store/)
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  assert.equal((await refresh(issuer, 'exact', other.refreshToken)).status, 200)
})

test('AS-104: a revoked access token ends its family, and later tokens tell guards to refuse it', async () => {
  const { issuer } = server()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  assert.equal((await postForm(`${issuer}/revoke`, { token: accessToken, client_id: 'exact' })).status, 200)
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  const later = await tokensFor('bob', issuer, 'exact')
  assert.ok(Number(claimsOf(later.accessToken)['epoch']) > Number(claimsOf(accessToken)['epoch']))
})

test('AS-103: an old refresh token ends the family of its successor', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const rotated = await refresh(issuer, 'exact', refreshToken)
  assert.equal((await postForm(`${issuer}/revoke`, { token: refreshToken, client_id: 'exact' })).status, 200)
  assertError(await refresh(issuer, 'exact', String(rotated.body['refresh_token'])), 400, 'invalid_grant')
})

test('AS-103: an expired access token still ends its family', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  conformance.advance(400)
  assert.equal((await postForm(`${issuer}/revoke`, { token: accessToken, client_id: 'exact' })).status, 200)
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
})

test('AS-103: a token that is unknown, forged or revoked already is answered by 200', async () => {
  const { issuer } = server()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  await postForm(`${issuer}/revoke`, { token: refreshToken, client_id: 'exact' })
  const forged = `${accessToken.slice(0, -4)}AAAA`
  for (const token of ['unknown', refreshToken, accessToken, forged, 'a.b.c', `${accessToken}.x`]) {
    assert.equal((await postForm(`${issuer}/revoke`, { token, client_id: 'exact' })).status, 200, token)
  }
})

test('AS-103: a forged access token ends nothing', async () => {
  const { issuer } = server()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  const [head = '', payload = '', signature = ''] = accessToken.split('.')
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  const empty = { client_id: 'exact', token_type_hint: 'access_token' }
  for (const token of [
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${head}.${payload}.`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
  ]) {
    await postForm(`${issuer}/revoke`, { token, ...empty })
  }
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-103: a token of another client is refused and stays good', async () => {
  const { issuer } = server()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  for (const token of [accessToken, refreshToken]) {
    const { status, body } = await postForm(`${issuer}/revoke`, { token, client_id: 'two-servers' })
    assert.equal(status, 400)
    assert.equal(typeof body['error'], 'string')
  }
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-103, AS-58: the client authenticates as at the token endpoint', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'posting-app')
  const url = `${issuer}/revoke`
  assertError(await postForm(url, { token: refreshToken }), 401, 'invalid_client')
  assertError(await postForm(url, { token: refreshToken, client_id: 'nobody' }), 401, 'invalid_client')
  assertError(await postForm(url, { token: refreshToken, client_id: 'posting-app' }), 401, 'invalid_client')
  assertError(
    await postForm(url, { token: refreshToken, client_id: 'posting-app', client_secret: 'wrong' }),
    401,
    'invalid_client',
  )
  assert.equal((await refresh(issuer, 'posting-app', refreshToken, { client_secret: SECRET })).status, 200)
})

test('AS-103: a hint is only a hint', async () => {
  const { issuer } = server()
  for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense']) {
    const { refreshToken } = await tokensFor('bob', issuer, 'exact')
    const { status } = await postForm(`${issuer}/revoke`, { token: refreshToken, token_type_hint, client_id: 'exact' })
    assert.equal(status, 200, token_type_hint)
    assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  }
})

test('AS-103: POST only, with a token, nothing repeated', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const url = `${issuer}/revoke`
  for (const method of ['GET', 'DELETE']) {
    const response = await fetch(`${url}?token=${refreshToken}&client_id=exact`, { method })
    assert.ok([404, 405].includes(response.status), method)
  }
  assertError(await postForm(url, { client_id: 'exact' }), 400, 'invalid_request')
  assertError(await postForm(url, { client_id: 'exact', token: [refreshToken, refreshToken] }), 400, 'invalid_request')
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-105: a token that cannot be revoked by its type is unsupported_token_type', async () => {
  const { issuer } = server()
  const { idToken, refreshToken } = await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })
  assertError(await postForm(`${issuer}/revoke`, { token: idToken, client_id: 'exact' }), 400, 'unsupported_token_type')
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})
