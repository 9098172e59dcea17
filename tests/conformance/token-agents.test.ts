import assert from 'node:assert/strict'
import { test } from 'node:test'
import { people, VET_ASSIST } from '@permitry/testkit'
import { askAs } from './assertion.ts'
import { assertError, claimsOf, conformanceStack, postForm, type Reply } from './harness.ts'
import { ARCHIVE, KENNEL, SECRET } from './parties.ts'

const server = conformanceStack()

const basic = (clientId: string): [string, string] => [clientId, SECRET]

async function claimsFor(clientId: string, form: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const reply = await askAs(server().issuer, form, basic(clientId))
  assert.equal(reply.status, 200, JSON.stringify(reply.body))
  return claimsOf(String(reply.body['access_token']))
}

async function setStatus(id: string, status: 'active' | 'suspended'): Promise<void> {
  await server().stack.store.unit((db) => db.updateTable('subjects').set({ status }).where('id', '=', id).execute())
}

test('AS-112: the token of a client that acts for itself has its id as sub, and nothing of a person or a login', async () => {
  const { issuer } = server()
  const { status, body, headers } = await askAs(issuer, {}, basic('job'))
  assert.equal(status, 200)
  assert.match(headers.get('cache-control') ?? '', /no-store/)
  const { access_token: token, ...rest } = body
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 300, scope: 'pet-profile:read' })
  const { iat, exp, jti, epoch, ...claims } = claimsOf(String(token))
  assert.deepEqual(claims, {
    iss: issuer,
    sub: 'job',
    client_id: 'job',
    aud: VET_ASSIST,
    scope: 'pet-profile:read',
    entitlements: claims['entitlements'],
    roles: ['vet-staff'],
  })
  assert.ok([claims['entitlements']].flat().includes('pet-profile:write'))
  assert.equal(Number(exp) - Number(iat), 300)
  assert.deepEqual([typeof jti, typeof epoch], ['string', 'number'])
})

test('AS-112, AS-46: the roles of the agent decide what it gets, and its registration what it may ask for', async () => {
  const { issuer } = server()
  const both = { scope: 'pet-profile:read pet-profile:write' }
  assert.equal((await claimsFor('job', both))['scope'], 'pet-profile:read pet-profile:write')
  assert.equal((await claimsFor('reading-job', both))['scope'], 'pet-profile:read')
  assertError(await askAs(issuer, { scope: 'pet-profile:write' }, basic('reading-job')), 400, 'invalid_scope')
  assertError(await askAs(issuer, {}, basic('roleless-job')), 400, 'invalid_scope')
  for (const resource of [KENNEL, ARCHIVE, 'https://nobody.example/mcp'])
    assertError(await askAs(issuer, { resource, scope: '' }, basic('job')), 400, 'invalid_target')
  assertError(await askAs(issuer, { scope: 'pet-profile:eat' }, basic('job')), 400, 'invalid_scope')
  assertError(await askAs(issuer, { scope: 'a"b' }, basic('job')), 400, 'invalid_request')
  assert.equal((await claimsFor('job', { resource: '', scope: '' }))['scope'], 'pet-profile:read', 'its only server')
})

test('AS-112: nothing about people is given to a client that acts for itself', async () => {
  const { issuer } = server()
  for (const form of [
    { scope: 'openid profile', resource: '' },
    { resource: issuer, scope: 'openid' },
  ])
    assertError(await askAs(issuer, form, basic('job')), 400, 'invalid_scope')
  const mixed = await askAs(issuer, { scope: 'openid offline_access pet-profile:read' }, basic('job'))
  assert.deepEqual(
    [mixed.body['scope'], mixed.body['id_token'], mixed.body['refresh_token']],
    ['pet-profile:read', undefined, undefined],
  )
  const authorization = `Bearer ${String(mixed.body['access_token'])}`
  const userinfo = await fetch(`${issuer}/userinfo`, { headers: { authorization } })
  assert.equal(userinfo.status, 401)
})

test('AS-46: only clients that an operator registered, that authenticate and that have the grant may act for themselves', async () => {
  const { issuer } = server()
  assertError(await askAs(issuer, { client_id: 'public-job' }), 400, 'unauthorized_client')
  assertError(await askAs(issuer, {}, basic('self-registered-job')), 400, 'unauthorized_client')
  assertError(await askAs(issuer, {}, basic('other-app')), 400, 'unauthorized_client')
  assertError(await askAs(issuer, { client_id: 'exact' }), 400, 'unauthorized_client')
  assertError(await askAs(issuer, {}, ['job', 'wrong']), 401, 'invalid_client')
  assertError(await askAs(issuer, { client_id: 'job' }), 401, 'invalid_client')
})

test('AS-112, AS-59: a client that has the id of a person never becomes that person', async () => {
  const { issuer } = server()
  assertError(await askAs(issuer, {}, basic(people.dana)), 400, 'unauthorized_client')
})

test('AS-112: whoever suspends the agent, its owner or the client stops the next token', async () => {
  const { issuer, stack } = server()
  for (const [clientId, subject] of [
    ['job', 'job'],
    ['owned-job', 'owned-job'],
    ['owned-job', people.carol],
  ] as const) {
    await claimsFor(clientId)
    await setStatus(subject, 'suspended')
    assertError(await askAs(issuer, {}, basic(clientId)), 400, 'unauthorized_client')
    await setStatus(subject, 'active')
    await claimsFor(clientId)
  }
  const setClient = (status: 'active' | 'suspended') =>
    stack.store.unit((db) => db.updateTable('clients').set({ status }).where('id', '=', 'job').execute())
  await setClient('suspended')
  assertError(await askAs(issuer, {}, basic('job')), 401, 'invalid_client')
  await setClient('active')
})

test('AS-103: a client revokes its own tokens: those until now are refused, and the next one is good', async () => {
  const { issuer } = server()
  const isActive = async (token: unknown): Promise<unknown> => {
    const reply: Reply = await postForm(`${issuer}/introspect`, { token: String(token) }, basic('job'))
    return reply.body['active']
  }
  const { body } = await askAs(issuer, {}, basic('job'))
  const token = String(body['access_token'])
  assertError(await postForm(`${issuer}/revoke`, { token }, basic('owned-job')), 400, 'invalid_grant')
  assert.equal(await isActive(token), true)
  assert.equal((await postForm(`${issuer}/revoke`, { token }, basic('job'))).status, 200)
  assert.equal(await isActive(token), false)
  const next = await askAs(issuer, {}, basic('job'))
  assert.equal(await isActive(next.body['access_token']), true)
})
