import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Hono } from 'hono'
import { importJWK, type JWTPayload, SignJWT } from 'jose'
import { suspendClient } from '../commands/client.ts'
import {
  addServerCredential,
  addServerCredentialKey,
  retireServerCredentialKey,
} from '../commands/server-credential.ts'
import { applied, CLINIC, must } from '../commands/testing.ts'
import type { HttpEnv } from '../http/endpoint.ts'
import { type CredentialKey, makeCredentialKey } from '../keys/credential-key.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { createRealm } from '../realm.ts'
import { createAuthorizationServer } from '../server.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import { findGuarded, forGuard } from './authenticate.ts'

const ISSUER = 'https://login.example'
const GUARD = `${ISSUER}/guard`
const KENNEL = `
  - id: kennel
    identifier: mcp://kennel
    name: Kennel
    default_scopes: [read]
    scopes: [{ name: read, title: Read, risk: read }]
roles:`
const TWO_SERVERS = CLINIC.replace('\nroles:', KENNEL)

/** The clinic with a credential for one of its two servers, and an endpoint of the guard API that says what it was told. */
async function openGuardApi(t: TestContext) {
  const store = await openTestStore(t, emptySqlite)
  const masterKey = new Uint8Array(32).fill(7)
  let now = Date.now()
  const options = { store, issuer: ISSUER, masterKey, now: () => now }
  const server = await createAuthorizationServer(options)
  const operator = { store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: () => now } as const
  await applied(operator, TWO_SERVERS)
  const first = await makeCredentialKey()
  await must(operator, addServerCredential, { serverId: 'vetassist', publicJwk: first.publicJwk })
  const realm = createRealm('default', { ...options, outbound: createOutbound({ allowLoopback: false }) })
  const app = new Hono<HttpEnv>()
  const endpoint = forGuard('signals', async (_, c, guard) => {
    const asked = await findGuarded(realm, guard, String(c.req.query('server')))
    return c.json({ client: guard.clientId, servers: guard.servers.map(({ id }) => id), asked: asked?.id })
  })
  app.get('/', (c) => endpoint(realm, c))

  const post = async (key: CredentialKey, form: Record<string, string>) => {
    const assertion = await signed(key, { iss: 'vetassist-guard', sub: 'vetassist-guard', aud: ISSUER })
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      resource: GUARD,
      ...form,
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await server.fetch(new Request(`${ISSUER}/token`, { method: 'POST', headers, body }))
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const signed = async ({ kid, privateJwk }: CredentialKey, claims: JWTPayload) =>
    new SignJWT({ jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(now / 1000) + 60)
      .sign(await importJWK(privateJwk, 'ES256'))
  return {
    operator,
    first,
    post,
    tokenFor: async (key: CredentialKey, form = {}) => (await post(key, form)).body['access_token'] ?? '',
    call: (authorization?: string, server = 'mcp://vetassist') =>
      app.request(
        `/?server=${encodeURIComponent(server)}`,
        authorization === undefined ? {} : { headers: { authorization } },
      ),
    wait: (seconds: number) => void (now += seconds * 1000),
  }
}

test('a server credential gets a token for the guard API, which says whose servers it guards', async (t) => {
  const { first, post, call } = await openGuardApi(t)
  const { status, body } = await post(first, {})
  assert.equal(status, 200, JSON.stringify(body))
  const { access_token: token = '', ...rest } = body
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: 'signals decisions catalogue' })
  assert.deepEqual(await (await call(`Bearer ${token}`)).json(), {
    client: 'vetassist-guard',
    servers: ['vetassist'],
    asked: 'vetassist',
  })
  const foreign = await (await call(`Bearer ${token}`, 'mcp://kennel')).json()
  assert.deepEqual(foreign, { client: 'vetassist-guard', servers: ['vetassist'] })
})

test('the guard API is refused without a token that is for it, has the scope and still counts', async (t) => {
  const { operator, first, post, tokenFor, call, wait } = await openGuardApi(t)
  assert.equal((await call()).status, 401)
  const good = await tokenFor(first)
  for (const authorization of [`Bearer ${good}x`, `DPoP ${good}`, 'Bearer', `Basic ${good}`])
    assert.equal((await call(authorization)).status, 401, authorization)
  const narrow = await call(`Bearer ${await tokenFor(first, { scope: 'decisions' })}`)
  assert.equal(narrow.status, 403)
  assert.match(narrow.headers.get('www-authenticate') ?? '', /error="insufficient_scope".* scope="signals"/)
  assert.equal((await post(first, { scope: 'everything' })).body['error'], 'invalid_scope')
  // Left out, the resource is not guessed.
  for (const resource of ['', ISSUER, 'mcp://vetassist', 'mcp://kennel'])
    assert.equal((await post(first, { resource })).body['error'], 'unauthorized_client', resource)

  wait(299)
  assert.equal((await call(`Bearer ${good}`)).status, 200)
  wait(2)
  assert.equal((await call(`Bearer ${good}`)).status, 401)
  const late = await tokenFor(first)
  await must(operator, suspendClient, { id: 'vetassist-guard' })
  assert.equal((await call(`Bearer ${late}`)).status, 401)
  assert.equal((await post(first, {})).body['error'], 'invalid_client')
})

test('both keys of a rotated credential count, a retired one does not, nor does what was got with it', async (t) => {
  const { operator, first, post, tokenFor, call } = await openGuardApi(t)
  const second = await makeCredentialKey()
  await must(operator, addServerCredentialKey, { serverId: 'vetassist', publicJwk: second.publicJwk })
  const [old, next] = [await tokenFor(first), await tokenFor(second)]
  for (const token of [old, next]) assert.equal((await call(`Bearer ${token}`)).status, 200)
  await must(operator, retireServerCredentialKey, { serverId: 'vetassist', kid: first.kid })
  assert.equal((await call(`Bearer ${old}`)).status, 401)
  assert.equal((await post(first, {})).body['error'], 'invalid_client')
  assert.equal((await call(`Bearer ${await tokenFor(second)}`)).status, 200)
})

test('no MCP server can take the name of the guard API and so have tokens made for it', async (t) => {
  const { operator, first, post } = await openGuardApi(t)
  const named = TWO_SERVERS.replace('identifier: mcp://kennel', `identifier: ${GUARD}`)
  await applied(
    operator,
    `${named}  - { id: job, name: Job, template: machine, secret: ${'0123456789abcdef'.repeat(4)}, roles: [vet-staff], servers: { kennel: all }, guards: [kennel] }\n`,
  )
  assert.equal((await post(first, { resource: `${GUARD}/` })).body['error'], 'unauthorized_client')
  assert.equal((await post(first, { resource: GUARD.replace('login', 'LOGIN') })).status, 200)
})
