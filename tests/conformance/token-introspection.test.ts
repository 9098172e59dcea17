import assert from 'node:assert/strict'
import { test } from 'node:test'
import { people, VET_ASSIST } from '@permitry/testkit'
import { askAs, assertionOf, proved } from './assertion.ts'
import { assertError, claimsOf, conformanceStack, postForm, refresh, type Reply, tokensFor } from './harness.ts'
import { SECRET } from './parties.ts'

const server = conformanceStack()

const ask = (token: string, caller: string, more: Record<string, string> = {}): Promise<Reply> =>
  postForm(`${server().issuer}/introspect`, { token, ...more }, [caller, SECRET])

/** The same for everything that is not good, and for everybody whom it does not concern. */
async function assertInactive(token: string, caller: string, because: string): Promise<void> {
  const { status, body, headers } = await ask(token, caller)
  assert.deepEqual([status, body], [200, { active: false }], because)
  assert.match(headers.get('cache-control') ?? '', /no-store/)
}

test('AS-106: whoever asks is a client that authenticates, by POST', async () => {
  const { issuer } = server()
  const { accessToken: token } = await tokensFor('bob', issuer, 'exact')
  const url = `${issuer}/introspect`
  assertError(await postForm(url, { token }), 401, 'invalid_client')
  assertError(await postForm(url, { token, client_id: 'vet-server' }), 401, 'invalid_client')
  assertError(await postForm(url, { token }, ['vet-server', 'wrong']), 401, 'invalid_client')
  assertError(await postForm(url, { token }, ['nobody', SECRET]), 401, 'invalid_client')
  // A public client proves nothing: whoever found a token could ask in its name.
  assertError(await postForm(url, { token, client_id: 'exact' }), 401, 'invalid_client')
  assertError(await postForm(url, {}, ['vet-server', SECRET]), 400, 'invalid_request')
  for (const method of ['GET', 'DELETE']) assert.ok((await fetch(`${url}?token=${token}`, { method })).status >= 400)
  const bySignature = proved(await assertionOf('jwt-app', issuer), { token })
  assert.deepEqual((await postForm(url, bySignature)).body, { active: false })
})

test('AS-108: an MCP server is told what a token for it says', async () => {
  const { issuer } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'exact', { scope: 'openid pet-profile:read' })
  const { status, body, headers } = await ask(accessToken, 'vet-server')
  const { iat, exp, jti, auth_time, acr } = claimsOf(accessToken)
  assert.equal(status, 200)
  assert.deepEqual(body, {
    active: true,
    iss: issuer,
    sub: people.bob,
    aud: VET_ASSIST,
    client_id: 'exact',
    scope: 'pet-profile:read',
    token_type: 'Bearer',
    iat,
    exp,
    jti,
    auth_time,
    acr,
  })
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
})

test('AS-108, AS-112: a token of a client that acts for itself names the client as sub', async () => {
  const { issuer } = server()
  const { body } = await askAs(issuer, {}, ['job', SECRET])
  const { body: told } = await ask(String(body['access_token']), 'vet-server')
  assert.deepEqual([told['active'], told['sub'], told['client_id']], [true, 'job', 'job'])
})

test('AS-107, AS-109: a client is told about its own tokens, everybody else learns nothing, and no cache keeps it', async () => {
  const { issuer } = server()
  const own = await tokensFor('bob', issuer, 'posting-app')
  for (const [token, client] of [
    [own.accessToken, 'posting-app'],
    [own.refreshToken, 'posting-app'],
    [own.accessToken, 'vet-server'],
  ] as const) {
    const { body, headers } = await ask(token, client)
    assert.equal(body['active'], true, client)
    assert.ok(Number(body['exp']) > Date.now() / 1000, 'how long the answer may be remembered')
    assert.match(headers.get('cache-control') ?? '', /no-store/)
  }
  for (const caller of ['kennel-server', 'other-app', 'job']) {
    await assertInactive(own.accessToken, caller, caller)
    await assertInactive(own.refreshToken, caller, caller)
  }
  await assertInactive(own.refreshToken, 'vet-server', 'a refresh token is for its client only')
})

test('AS-108: a refresh token says whose it is and how long it lives, until it is spent', async () => {
  const { issuer } = server()
  const { refreshToken } = await tokensFor('bob', issuer, 'posting-app')
  const { exp, ...told } = (await ask(refreshToken, 'posting-app', { token_type_hint: 'access_token' })).body
  assert.deepEqual(told, {
    active: true,
    iss: issuer,
    sub: people.bob,
    client_id: 'posting-app',
    scope: 'pet-profile:read',
  })
  assert.ok(Number(exp) > Date.now() / 1000 + 13 * 86_400)
  const next = await refresh(issuer, 'posting-app', refreshToken, { client_secret: SECRET })
  await assertInactive(refreshToken, 'posting-app', 'spent')
  assert.equal((await ask(String(next.body['refresh_token']), 'posting-app')).body['active'], true)
})

test('AS-107, AS-108: what is unknown, forged, of another kind or expired is inactive', async () => {
  const conformance = server()
  const { accessToken, idToken } = await tokensFor('bob', conformance.issuer, 'posting-app', {
    scope: 'openid profile',
    resource: undefined,
  })
  const [head = '', payload = '', signature = ''] = accessToken.split('.')
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  assert.equal((await ask(accessToken, 'posting-app')).body['active'], true)
  for (const token of [
    'unknown',
    idToken,
    `${none}.${payload}.`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    `${accessToken}=`,
    `${accessToken} `,
  ])
    await assertInactive(token, 'posting-app', token)
  conformance.advance(301)
  await assertInactive(accessToken, 'posting-app', 'expired')
  conformance.advance(-301)
})

test('AS-108: a token is inactive from the moment on that anything it stands on is not good any more', async () => {
  const { issuer, stack } = server()
  const { accessToken } = await tokensFor('bob', issuer, 'posting-app')
  const agent = await askAs(issuer, {}, ['owned-job', SECRET])
  const agentToken = String(agent.body['access_token'])
  const isActive = async (token: string) => (await ask(token, 'vet-server')).body['active']
  const { fam } = claimsOf(accessToken)
  const status = (value: string) => ({ status: value }) as { status: 'active' | 'suspended' }
  const { store } = stack
  /** Written past the commands, which would raise the epoch too. */
  const endings: Readonly<Record<string, [token: string, set: (end: boolean) => Promise<unknown>]>> = {
    client: [
      accessToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('clients')
            .set(status(end ? 'suspended' : 'active'))
            .where('id', '=', 'posting-app')
            .execute(),
        ),
    ],
    person: [
      accessToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('subjects')
            .set(status(end ? 'suspended' : 'active'))
            .where('id', '=', people.bob)
            .execute(),
        ),
    ],
    agent: [
      agentToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('subjects')
            .set(status(end ? 'suspended' : 'active'))
            .where('id', '=', 'owned-job')
            .execute(),
        ),
    ],
    owner: [
      agentToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('subjects')
            .set(status(end ? 'suspended' : 'active'))
            .where('id', '=', people.carol)
            .execute(),
        ),
    ],
    server: [
      accessToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('servers')
            .set(status(end ? 'suspended' : 'active'))
            .where('id', '=', 'vetassist')
            .execute(),
        ),
    ],
    family: [
      accessToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('families')
            .set({ ended_at: end ? Date.now() : null })
            .where('id', '=', String(fam))
            .execute(),
        ),
    ],
    grant: [
      accessToken,
      (end) =>
        store.unit((db) =>
          db
            .updateTable('grants')
            .set({ ended_at: end ? Date.now() : null })
            .where('client_id', '=', 'posting-app')
            .where('subject_id', '=', people.bob)
            .execute(),
        ),
    ],
  }
  for (const [what, [token, set]] of Object.entries(endings)) {
    assert.equal(await isActive(token), true, what)
    await set(true)
    assert.equal(await isActive(token), false, what)
    await set(false)
  }
  assert.deepEqual([await isActive(accessToken), await isActive(agentToken)], [true, true])
})

test('AS-108: a token from before a revocation is inactive, and one from after it is not', async () => {
  const { issuer, stack } = server()
  const revocations = [{ subject_id: people.bob }, { client_id: 'posting-app' }, { family_id: 'own' }]
  for (const revoked of revocations) {
    const { accessToken } = await tokensFor('bob', issuer, 'posting-app')
    const { fam } = claimsOf(accessToken)
    await stack.store.unit(async (db) => {
      const { epoch } = await db
        .updateTable('tenants')
        .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
        .where('id', '=', 'default')
        .returning('epoch')
        .executeTakeFirstOrThrow()
      const of = 'family_id' in revoked ? { family_id: String(fam) } : revoked
      await db
        .insertInto('revocations')
        .values({
          tenant: 'default',
          id: `rev_${epoch}`,
          epoch,
          subject_id: null,
          family_id: null,
          client_id: null,
          created_at: Date.now(),
          ...of,
        })
        .execute()
    })
    assert.equal((await ask(accessToken, 'vet-server')).body['active'], false, JSON.stringify(revoked))
    const later = await tokensFor('bob', issuer, 'posting-app')
    assert.equal((await ask(later.accessToken, 'vet-server')).body['active'], true)
  }
})
