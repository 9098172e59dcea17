import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VET_ASSIST } from '@permitry/testkit'
import { assertError, claimsOf, codeFor, conformanceStack, postForm, refresh, tokensFor } from './harness.ts'
import { KENNEL, SECRET } from './parties.ts'

const server = conformanceStack()
const DAY = 24 * 3600
const BOTH = 'pet-profile:read pet-profile:write'

test('AS-23, AS-57: every refresh gives a new refresh token, for public and confidential clients', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const second = await refresh(issuer, 'exact', refreshToken)
  assert.equal(second.status, 200)
  assert.notEqual(second.body['refresh_token'], refreshToken)
  assert.match(second.headers.get('cache-control') ?? '', /no-store/)
  const third = await refresh(issuer, 'exact', String(second.body['refresh_token']))
  assert.equal(third.status, 200)
  const app = await tokensFor('bob', issuer, 'posting-app')
  const rotated = await refresh(issuer, 'posting-app', app.refreshToken, { client_secret: SECRET })
  assert.notEqual(rotated.body['refresh_token'], app.refreshToken)
})

test('AS-57, AS-73: a replayed refresh token ends its family and no other', async () => {
  const conformance = server()
  const { issuer } = conformance
  const other = await tokensFor('bob', issuer, 'exact')
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  const second = await refresh(issuer, 'exact', refreshToken)
  conformance.advance(31)
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  assertError(await refresh(issuer, 'exact', String(second.body['refresh_token'])), 400, 'invalid_grant')
  assert.equal((await refresh(issuer, 'exact', other.refreshToken)).status, 200)
})

test('AS-57: a replay is recognised however often the family was rotated since', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  let latest = refreshToken
  for (let i = 0; i < 4; i++) {
    latest = String((await refresh(issuer, 'exact', latest)).body['refresh_token'])
    conformance.advance(60)
  }
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  assertError(await refresh(issuer, 'exact', latest), 400, 'invalid_grant')
})

test('AS-57: a retry within half a minute gets the same successor, and only the same request does', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { refreshToken } = await tokensFor('dana', issuer, 'exact', { scope: BOTH })
  const first = await refresh(issuer, 'exact', refreshToken)
  conformance.advance(20)
  const retry = await refresh(issuer, 'exact', refreshToken)
  assert.equal(retry.body['refresh_token'], first.body['refresh_token'])
  // another scope is another request: somebody else has the token
  assertError(await refresh(issuer, 'exact', refreshToken, { scope: 'pet-profile:read' }), 400, 'invalid_grant')
  assertError(await refresh(issuer, 'exact', String(first.body['refresh_token'])), 400, 'invalid_grant')
})

test('AS-57, AS-71: a refresh token is bound to its client, and a stranger who has it neither uses nor ends it', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  assertError(await refresh(issuer, 'two-servers', refreshToken), 400, 'invalid_grant')
  assertError(await refresh(issuer, 'nobody', refreshToken), 401, 'invalid_client')
  const asApp = { grant_type: 'refresh_token', refresh_token: refreshToken }
  assertError(await postForm(`${issuer}/token`, asApp, ['other-app', SECRET]), 400, 'invalid_grant')
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-58, AS-71: a confidential client authenticates at refresh too', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'posting-app')
  assertError(await refresh(issuer, 'posting-app', refreshToken), 401, 'invalid_client')
  assertError(await refresh(issuer, 'posting-app', refreshToken, { client_secret: 'wrong' }), 401, 'invalid_client')
  assert.equal((await refresh(issuer, 'posting-app', refreshToken, { client_secret: SECRET })).status, 200)
})

test('AS-73: a refresh never widens the scope', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('dana', issuer, 'exact', { scope: 'pet-profile:read' })
  for (const scope of [BOTH, 'pet-profile:write', 'openid', 'kennel:read', 'unknown']) {
    assertError(await refresh(issuer, 'exact', refreshToken, { scope }), 400, 'invalid_scope')
  }
  assertError(await refresh(issuer, 'exact', refreshToken, { scope: 'a"b' }), 400, 'invalid_request')
  assert.equal((await refresh(issuer, 'exact', refreshToken)).body['scope'], 'pet-profile:read')
})

test('AS-73, AS-74: a narrower scope holds for one access token, the refresh token keeps its own', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('dana', issuer, 'exact', { scope: BOTH })
  const narrow = await refresh(issuer, 'exact', refreshToken, { scope: 'pet-profile:read' })
  assert.equal(narrow.body['scope'], 'pet-profile:read')
  assert.equal(claimsOf(String(narrow.body['access_token']))['scope'], 'pet-profile:read')
  const full = await refresh(issuer, 'exact', String(narrow.body['refresh_token']))
  assert.equal(full.body['scope'], BOTH)
})

test('AS-73: a step-up does not widen a family that lives', async () => {
  const { issuer } = server()
  const narrow = await tokensFor('dana', issuer, 'exact', { scope: 'pet-profile:read' })
  await tokensFor('dana', issuer, 'exact', { scope: BOTH })
  assert.equal((await refresh(issuer, 'exact', narrow.refreshToken)).body['scope'], 'pet-profile:read')
})

test('AS-92: the resource of a refresh is the granted one', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'two-servers')
  for (const resource of [KENNEL, 'mcp://unknown', 'vetassist', 'mcp://vetassist#a', [VET_ASSIST, KENNEL]]) {
    assertError(await refresh(issuer, 'two-servers', refreshToken, { resource }), 400, 'invalid_target')
  }
  const same = await refresh(issuer, 'two-servers', refreshToken, { resource: 'MCP://vetassist/' })
  assert.equal(claimsOf(String(same.body['access_token']))['aud'], VET_ASSIST)
})

test('AS-57: a refresh token ends when it is idle for two weeks, and each use begins them anew', async () => {
  const conformance = server()
  const { issuer } = conformance
  const idle = await tokensFor('bob', issuer, 'exact')
  const { refreshToken } = await tokensFor('bob', issuer, 'exact')
  conformance.advance(13 * DAY)
  const used = await refresh(issuer, 'exact', refreshToken)
  assert.equal(used.status, 200)
  conformance.advance(2 * DAY)
  assertError(await refresh(issuer, 'exact', idle.refreshToken), 400, 'invalid_grant')
  assert.equal((await refresh(issuer, 'exact', String(used.body['refresh_token']))).status, 200)
})

test('AS-57: a family ends after ninety days, however often it was used', async () => {
  const conformance = server()
  const { issuer } = conformance
  let { refreshToken } = await tokensFor('bob', issuer, 'exact')
  for (let day = 10; day < 90; day += 10) {
    conformance.advance(10 * DAY)
    const { status, body } = await refresh(issuer, 'exact', refreshToken)
    assert.equal(status, 200, `after ${day} days`)
    refreshToken = String(body['refresh_token'])
  }
  conformance.advance(10 * DAY + 1)
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
})

test('AS-57: a refresh token that nobody issued, a code and an access token are invalid_grant', async () => {
  const { issuer } = server()
  const { refreshToken, accessToken } = await tokensFor('bob', issuer, 'exact')
  const { code } = await codeFor('bob', issuer, 'exact')
  for (const forged of ['x', code, accessToken, `${refreshToken}x`, refreshToken.toUpperCase()]) {
    assertError(await refresh(issuer, 'exact', forged), 400, 'invalid_grant')
  }
  assertError(await refresh(issuer, 'exact', ''), 400, 'invalid_request')
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-57: a refresh token that is bound to a key is refused without proof of it', async () => {
  const { issuer, stack } = server()
  const { accessToken, refreshToken } = await tokensFor('bob', issuer, 'exact')
  const family = String(claimsOf(accessToken)['fam'])
  const bind = (bound_key: string | null): Promise<unknown> =>
    stack.store.unit((db) => db.updateTable('families').set({ bound_key }).where('id', '=', family).execute())
  await bind('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  assertError(await refresh(issuer, 'exact', refreshToken), 400, 'invalid_grant')
  await bind(null)
  assert.equal((await refresh(issuer, 'exact', refreshToken)).status, 200)
})

test('AS-57, AS-56: roles are read again at every refresh, and a person without any is refused', async () => {
  const { issuer, stack } = server()
  const { refreshToken } = await tokensFor('dana', issuer, 'exact', { scope: BOTH })
  const roleOfDana = (role_id: string | undefined): Promise<void> =>
    stack.store.unit(async (db) => {
      await db.deleteFrom('subject_roles').where('subject_id', '=', 'usr_dana').execute()
      if (role_id)
        await db.insertInto('subject_roles').values({ tenant: 'default', subject_id: 'usr_dana', role_id }).execute()
    })
  await roleOfDana('pet-owner')
  const less = await refresh(issuer, 'exact', refreshToken)
  assert.equal(less.body['scope'], 'pet-profile:read')
  await roleOfDana(undefined)
  assertError(await refresh(issuer, 'exact', String(less.body['refresh_token'])), 400, 'invalid_grant')
  await roleOfDana('vet-staff')
  assert.equal(
    (await refresh(issuer, 'exact', String(less.body['refresh_token']))).body['scope'],
    BOTH,
    'a refusal spends nothing',
  )
})

test('AS-57: a suspended person, client or MCP server gets nothing more', async () => {
  const { issuer, stack } = server()
  const { refreshToken } = await tokensFor('carol', issuer, 'reader')
  const set = (
    table: 'subjects' | 'clients' | 'servers',
    id: string,
    status: 'active' | 'suspended',
  ): Promise<unknown> => stack.store.unit((db) => db.updateTable(table).set({ status }).where('id', '=', id).execute())
  for (const [table, id, code, error] of [
    ['subjects', 'usr_carol', 400, 'invalid_grant'],
    ['clients', 'reader', 401, 'invalid_client'],
    ['servers', 'vetassist', 400, 'invalid_grant'],
  ] as const) {
    await set(table, id, 'suspended')
    assertError(await refresh(issuer, 'reader', refreshToken), code, error)
    await set(table, id, 'active')
  }
  assert.equal((await refresh(issuer, 'reader', refreshToken)).status, 200)
})

test('AS-57: without the refresh_token grant a client gets no refresh token, and a longer access token', async () => {
  const { issuer } = server()
  const { reply } = await tokensFor('bob', issuer, 'without-refresh', { scope: 'pet-profile:read offline_access' })
  assert.equal(reply.body['refresh_token'], undefined)
  assert.ok(Number(reply.body['expires_in']) > 300 && Number(reply.body['expires_in']) <= 3600)
})
