import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { VET_ASSIST } from '@permitry/testkit'
import { claimsOf, conformanceStack, refresh, tokensFor } from './harness.ts'
import { KENNEL } from './parties.ts'

const server = conformanceStack()

test('AS-110, AS-22: an access token is a signed at+jwt with every claim that a server decides by', async () => {
  const { issuer } = server()
  const { accessToken, reply } = await tokensFor('bob', issuer, 'exact')
  const { protectedHeader, payload } = await jwtVerify(accessToken, createRemoteJWKSet(new URL(`${issuer}/jwks`)), {
    typ: 'at+jwt',
    issuer,
    audience: VET_ASSIST,
    algorithms: ['ES256'],
  })
  assert.ok(protectedHeader.kid)
  assert.deepEqual([payload.sub, payload['client_id'], payload['scope']], ['usr_bob', 'exact', 'pet-profile:read'])
  assert.equal(payload.aud, VET_ASSIST)
  assert.equal(Number(payload.exp) - Number(payload.iat), 300)
  assert.equal(reply.body['expires_in'], 300)
  assert.ok(Math.abs(Number(payload['auth_time']) - Number(payload.iat)) < 60)
  assert.equal(typeof payload['acr'], 'string')
  assert.deepEqual(payload['amr'], ['pwd'])
  const entitlements = payload['entitlements'] as string[]
  assert.ok(entitlements.includes('pet-profile:read') && !entitlements.includes('pet-profile:write'))
  assert.equal(typeof payload['fam'], 'string')
  assert.equal(typeof payload['epoch'], 'number')
})

test('AS-110: no two access tokens have the same jti', async () => {
  const { issuer } = server()
  const first = await tokensFor('bob', issuer, 'exact')
  const second = await refresh(issuer, 'exact', first.refreshToken)
  const ids = [first.accessToken, String(second.body['access_token'])].map((token) => claimsOf(token)['jti'])
  assert.equal(new Set(ids).size, 2)
})

test('AS-110, AS-125: a refreshed token keeps the auth_time, acr and amr of the login', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  conformance.advance(1000)
  const later = claimsOf(String((await refresh(issuer, 'exact', refreshToken)).body['access_token']))
  const login = claimsOf(accessToken)
  for (const name of ['auth_time', 'acr', 'amr', 'sub', 'fam']) assert.deepEqual(later[name], login[name], name)
  assert.ok(Number(later['iat']) - Number(login['iat']) >= 1000)
})

test('AS-22: a token lives five minutes beside a refresh token, else as long as its server says, an hour at most', async () => {
  const { issuer } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'without-refresh')
  const { exp, iat } = claimsOf(accessToken)
  assert.equal(Number(exp) - Number(iat), 3600)
  const kennel = await tokensFor('bob', issuer, 'two-servers', { resource: KENNEL, scope: 'kennel:read' })
  assert.equal(kennel.reply.body['expires_in'], 300)
})

test('AS-111, AS-93, AS-31: the audience is the registered spelling of the resource, a single string', async () => {
  const { issuer, stack } = server()
  for (const [resource, aud] of [
    ['MCP://VetAssist/', VET_ASSIST],
    [stack.mcpUrl, stack.mcpUrl],
    [stack.mcpUrl.replace('http:', 'HTTP:'), stack.mcpUrl],
  ]) {
    const { accessToken } = await tokensFor('bob', issuer, 'exact', { resource })
    assert.equal(claimsOf(accessToken)['aud'], aud)
  }
})

test('AS-111, AS-126: an ID token and an access token differ in type, key and audience', async () => {
  const { issuer } = server()
  const { accessToken, idToken } = await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })
  const [access, id] = [decodeProtectedHeader(accessToken), decodeProtectedHeader(idToken)]
  assert.equal(access.typ, 'at+jwt')
  assert.notEqual(id.typ, 'at+jwt')
  assert.notEqual(access.kid, id.kid)
  assert.equal(claimsOf(idToken)['aud'], 'exact')
  for (const name of ['scope', 'client_id', 'fam', 'entitlements'])
    assert.equal(claimsOf(idToken)[name], undefined, name)
})

test('AS-111, AS-93: OIDC scopes beside a resource stay out of its access token; alone their audience is the issuer', async () => {
  const { issuer } = server()
  const both = await tokensFor('bob', issuer, 'exact', { scope: 'openid profile email pet-profile:read' })
  assert.equal(claimsOf(both.accessToken)['scope'], 'pet-profile:read')
  const alone = await tokensFor('bob', issuer, 'exact', { resource: undefined, scope: 'openid profile' })
  assert.equal(claimsOf(alone.accessToken)['aud'], issuer)
  assert.deepEqual(String(claimsOf(alone.accessToken)['scope']).split(' ').toSorted(), ['openid', 'profile'])
  assert.equal(claimsOf(alone.accessToken)['entitlements'], undefined)
})

test('AS-59: the sub is the person, never the client, and not what the person can choose', async () => {
  const { issuer } = server()
  for (const clientId of ['exact', 'without-refresh']) {
    const { sub, client_id } = claimsOf((await tokensFor('bob', issuer, clientId)).accessToken)
    assert.deepEqual([sub, client_id], ['usr_bob', clientId])
  }
})

test('AS-126: an ID token has iss, sub, aud, exp, iat, the nonce as sent, and auth_time', async () => {
  const { issuer } = server()
  const nonce = 'nonce of the test/+&='
  const { idToken } = await tokensFor('bob', issuer, 'exact', {
    scope: 'openid pet-profile:read',
    nonce,
    max_age: '600',
  })
  const { payload, protectedHeader } = await jwtVerify(idToken, createRemoteJWKSet(new URL(`${issuer}/jwks`)), {
    issuer,
    audience: 'exact',
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'iat', 'sub', 'auth_time'],
  })
  assert.equal(protectedHeader.alg, 'RS256')
  assert.deepEqual([payload['nonce'], payload.sub], [nonce, 'usr_bob'])
  assert.ok(String(payload.sub).length <= 255)
})

test('AS-126: without openid there is no ID token, and without nonce none is made up', async () => {
  const { issuer } = server()
  const plain = await tokensFor('bob', issuer, 'exact')
  assert.equal(plain.reply.body['id_token'], undefined)
  const { idToken } = await tokensFor('bob', issuer, 'es256-app', { scope: 'openid pet-profile:read' })
  assert.equal(claimsOf(idToken)['nonce'], undefined)
})

test('AS-126: an ID token is signed by the algorithm that the client registered, under the name that it gave', async () => {
  const { issuer } = server()
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
  for (const [client, alg] of [
    ['exact', 'RS256'],
    ['es256-app', 'ES256'],
    ['eddsa-app', 'EdDSA'],
    ['ed25519-app', 'Ed25519'],
  ] as const) {
    const { idToken } = await tokensFor('bob', issuer, client, { scope: 'openid pet-profile:read' })
    await jwtVerify(idToken, keys, { issuer, audience: client, algorithms: [alg] })
    assert.ok((metadata['id_token_signing_alg_values_supported'] as string[]).includes(alg))
  }
})

test('AS-126: name and address are told only to who asked for profile and email', async () => {
  const { issuer } = server()
  const openid = claimsOf((await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })).idToken)
  for (const name of ['name', 'preferred_username', 'email', 'email_verified'])
    assert.equal(openid[name], undefined, name)
  const all = claimsOf(
    (await tokensFor('bob', issuer, 'exact', { scope: 'openid profile email pet-profile:read' })).idToken,
  )
  assert.deepEqual([all['name'], all['email']], ['Bob Fletcher', 'bob@example.com'])
  assert.equal(all['sub'], openid['sub'])
})

test('AS-130: offline_access is accepted, not in the token, and grants no more than the registration for refresh tokens', async () => {
  const { issuer } = server()
  const asked = { scope: 'openid offline_access pet-profile:read' }
  const may = await tokensFor('bob', issuer, 'exact', asked)
  assert.equal(typeof may.reply.body['refresh_token'], 'string')
  assert.doesNotMatch(String(claimsOf(may.accessToken)['scope']), /offline_access/)
  const mayNot = await tokensFor('bob', issuer, 'without-refresh', asked)
  assert.equal(mayNot.reply.body['refresh_token'], undefined)
})
