// Each defence of the admin API, tried from outside: tokens that do not count here, bodies that say two things, versions that
// somebody else changed, cursors of other lists, and keys that would repeat a secret.
import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import { runCommand, unassignRole } from '@permitry/server'
import {
  addCredential,
  authorize,
  Browser,
  guardToken,
  people,
  requestToken,
  type Stack,
  VET_ASSIST,
} from '@permitry/testkit'
import { createHolder } from '../conformance/dpop.ts'
import { adminClient, adminToken, atTheMachine, give, send, startAdministration } from './world.ts'

const MINUTE = 60_000

let clock = Date.now()
let stack: Stack
let issuer: string
let token: string
before(async () => {
  stack = await startAdministration({ now: () => clock, tenants: ['second'] })
  issuer = stack.issuer
  token = await adminToken(issuer)
})
after(() => stack.close())

const kindOf = (body: Readonly<Record<string, unknown>>) => String(body['type']).replace('urn:permitry:problem:', '')

/** What a request was refused with: status and kind of problem. */
async function refusal(...request: Parameters<typeof send>): Promise<string> {
  const { status, body, headers } = await send(...request)
  assert.equal(headers.get('content-type'), 'application/problem+json')
  return `${status} ${kindOf(body)}`
}

async function tokenOfClinic(scope: string): Promise<Readonly<Record<string, unknown>>> {
  const client = { clientId: 'vet-assist-dev', redirectUri: 'http://127.0.0.1:9999/callback' }
  const { params, verifier } = await authorize(issuer, { ...client, resource: VET_ASSIST, scope }, 'admin')
  const { body } = await requestToken(issuer, {
    grant_type: 'authorization_code',
    code: params.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: client.redirectUri,
    client_id: client.clientId,
  })
  return body
}

function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>
}

describe('a token that does not count here is refused', () => {
  const refused = async (sent: string | undefined, headers = {}) => {
    assert.equal(await refusal(issuer, sent, 'GET', '/roles', { headers }), '401 unauthorized')
  }
  it('when there is none, or one that nobody made', async () => {
    await refused(undefined)
    await refused('')
    await refused('a.b.c')
    await refused(`${token.slice(0, -4)}AAAA`)
  })

  it('when it is for an MCP server, or tells who somebody is', async () => {
    await give(stack, 'admin', 'pet-owner')
    const { access_token, id_token } = await tokenOfClinic('pet-profile:read openid')
    await refused(String(access_token))
    await refused(String(id_token))
  })

  it('when it is that of a guard', async () => {
    await refused(await guardToken(await addCredential(stack), { now: clock }))
  })

  it('when it is bound to a key, with and without its scheme', async () => {
    const holder = await createHolder()
    const iat = Math.floor(clock / 1000)
    const proof = await holder.proof('POST', `${issuer}/token`, { claims: { iat } })
    const bound = await adminToken(issuer, 'admin', 'roles:read', { proof })
    assert.ok('cnf' in claimsOf(bound))
    await refused(bound)
    await refused(undefined, { authorization: `DPoP ${bound}` })
  })

  it('when it is that of another tenant', async () => {
    const other = `${issuer}/t/second`
    await refused(await adminToken(other))
    assert.equal(await refusal(other, token, 'GET', '/roles'), '401 unauthorized')
  })

  it('when it stands in the query or a form', async () => {
    await refused(undefined, { 'content-type': 'application/x-www-form-urlencoded' })
    assert.equal(await refusal(issuer, undefined, 'GET', `/roles?access_token=${token}`), '401 unauthorized')
  })

  it('from the second on in which its family ended', async () => {
    const ended = await adminToken(issuer)
    assert.equal((await send(issuer, ended, 'GET', '/roles')).status, 200)
    await adminClient(issuer, token).call('grants.end_family', { params: { id: String(claimsOf(ended)['fam']) } })
    await refused(ended)
    assert.equal((await send(issuer, token, 'GET', '/roles')).status, 200)
  })

  it('from the second on in which its holder lost the role', async () => {
    await give(stack, 'dana', 'permitry-auditor')
    const lost = await adminToken(issuer, 'dana', 'roles:read')
    assert.equal((await send(issuer, lost, 'GET', '/roles')).status, 200)
    const assignment = { roleId: 'permitry-auditor', subjectId: people.dana }
    assert.ok((await runCommand(atTheMachine(stack), unassignRole, assignment)).ok)
    await refused(lost)
  })

  it('and no page of another origin may read an answer', async () => {
    const { headers } = await send(issuer, token, 'GET', '/roles', { headers: { origin: 'https://evil.example' } })
    assert.equal(headers.get('access-control-allow-origin'), null)
    assert.equal(headers.get('cache-control'), 'no-store')
  })
})

test('a token without the scope is told which one is missing, and reading is not writing', async () => {
  const reading = await adminToken(issuer, 'admin', 'roles:read')
  assert.equal((await send(issuer, reading, 'GET', '/roles')).status, 200)
  const put = await send(issuer, reading, 'PUT', '/roles/own', { body: { name: 'Own' } })
  assert.deepEqual([put.status, kindOf(put.body)], [403, 'insufficient_scope'])
  assert.match(put.headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="roles:write"/)
  assert.equal(await refusal(issuer, reading, 'GET', '/servers'), '403 insufficient_scope')
})

test('writing an area implies reading it', async () => {
  const writing = await adminToken(issuer, 'admin', 'roles:write')
  assert.equal((await send(issuer, writing, 'GET', '/roles')).status, 200)
})

describe('a change says of which version it is', () => {
  it('and is refused without one, with any one, and with one that is weak, old or of another thing', async () => {
    const api = adminClient(issuer, token)
    const params = { id: 'versioned' }
    const first = await api.call('roles.put', { params, body: { name: 'First' }, ifNoneMatch: '*' })
    const { etag: other = '' } = await api.call('roles.get', { params: { id: 'pet-owner' } })
    const etag = first.etag ?? ''
    const put = (headers: Readonly<Record<string, string>>) =>
      refusal(issuer, token, 'PUT', '/roles/versioned', { body: { name: 'Second' }, headers })
    assert.equal(await put({}), '428 precondition_required')
    assert.equal(await put({ 'if-match': '*' }), '428 precondition_required')
    assert.equal(await put({ 'if-none-match': '*' }), '412 changed_meanwhile')
    assert.equal(await put({ 'if-match': etag, 'if-none-match': '*' }), '400 malformed')
    assert.equal(await put({ 'if-match': `W/${etag}` }), '412 changed_meanwhile')
    assert.equal(await put({ 'if-match': other }), '412 changed_meanwhile')
    await api.call('roles.put', { params, body: { name: 'Third' }, ifMatch: etag })
    assert.equal(await put({ 'if-match': etag }), '412 changed_meanwhile')
    assert.equal(await refusal(issuer, token, 'DELETE', '/roles/versioned'), '428 precondition_required')
    assert.equal((await api.call('roles.get', { params })).value.name, 'Third')
  })
})

describe('a body says one thing, and only what is known', () => {
  const put = (body: unknown, headers: Readonly<Record<string, string>> = {}, method = 'PUT', path = '/roles/strict') =>
    refusal(issuer, token, method, path, { body, headers: { 'if-none-match': '*', ...headers } })

  it('or it is refused before anything happens', async () => {
    assert.equal(await put('{"name":"A","name":"B"}'), '400 malformed')
    assert.equal(await put('{"name":"A","\\u006eame":"B"}'), '400 malformed')
    assert.equal(await put('{"name":"A","__proto__":{"scopes":{}}}'), '400 malformed')
    assert.equal(await put('{"name":"A"'), '400 malformed')
    assert.equal(await put(''), '400 malformed')
    assert.equal(await put(`${'['.repeat(100)}${']'.repeat(100)}`), '400 malformed')
    assert.equal(await put('name=A', { 'content-type': 'application/x-www-form-urlencoded' }), '400 malformed')
    assert.equal(await put('{"name":"A"}', { 'content-type': 'text/plain' }), '400 malformed')
    assert.equal(await put(JSON.stringify({ name: 'A', description: 'x'.repeat(70_000) })), '413 too_large')
    assert.equal(await put('{}', {}, 'DELETE'), '400 malformed')
    assert.equal(await refusal(issuer, token, 'GET', '/roles/strict'), '404 not_found')
  })

  it('and all of its faults are told at once, each with its place', async () => {
    const body = { name: '', scopes: { vetassist: ['a b', 7] }, 'a/b~': 1, built_in: true }
    const { status, body: problem } = await send(issuer, token, 'PUT', '/roles/-no-id', { body })
    assert.equal(status, 422)
    const errors = problem['errors'] as { pointer?: string; parameter?: string }[]
    assert.deepEqual(
      errors.map(({ pointer, parameter }) => pointer ?? `(${parameter})`).toSorted(),
      ['#/a~1b~0', '#/built_in', '#/name', '#/scopes/vetassist/0', '#/scopes/vetassist/1', '(id)'].toSorted(),
    )
  })

  it('and so does a query', async () => {
    assert.equal(await refusal(issuer, token, 'GET', '/roles?limit=1&limit=2'), '400 malformed')
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'unknown=1', 'cursor=', `q=${'x'.repeat(201)}`])
      assert.equal(await refusal(issuer, token, 'GET', `/roles?${query}`), '422 invalid', query)
  })

  it('and a path and a method are ones that there are', async () => {
    assert.equal(await refusal(issuer, token, 'GET', '/nothing'), '404 not_found')
    assert.equal(await refusal(issuer, token, 'GET', '/roles/%zz'), '404 not_found')
    assert.equal(await refusal(issuer, token, 'GET', '/roles/..%2fgroups'), '404 not_found')
    const { status, headers } = await send(issuer, token, 'PATCH', '/roles')
    assert.deepEqual([status, headers.get('allow')], [405, 'GET'])
  })
})

test('a cursor leads on in its own list only: not in another one, with other filters, changed, or in another tenant', async () => {
  const api = adminClient(issuer, token)
  const { value } = await api.call('roles.list', { query: { limit: 1 } })
  const cursor = value.next_cursor ?? ''
  const at = (path: string, base = issuer, as = token) => refusal(base, as, 'GET', `${path}cursor=${cursor}`)
  assert.equal((await send(issuer, token, 'GET', `/roles?limit=2&cursor=${cursor}`)).status, 200)
  assert.equal(await at('/roles?q=vet&'), '422 invalid')
  assert.equal(await at('/groups?'), '422 invalid')
  assert.equal(await at('/roles/pet-owner/holders?'), '422 invalid')
  assert.equal(await at('/roles?', `${issuer}/t/second`, await adminToken(`${issuer}/t/second`)), '422 invalid')
  const [text = '', mac = ''] = cursor.split('.')
  const moved = Buffer.from('["zzz"]').toString('base64url')
  for (const forged of [`${moved}.${mac}`, text, `${text}.`, `.${mac}`, `${cursor}.x`])
    assert.equal(await refusal(issuer, token, 'GET', `/roles?cursor=${forged}`), '422 invalid')
})

describe('an idempotency key', () => {
  const create = (id: string, key: string, as = token, name = 'Shop') =>
    send(issuer, as, 'POST', '/clients', {
      body: { id, name, template: 'web-app', redirect_uris: ['https://shop.example/cb'] },
      headers: { 'idempotency-key': key },
    })

  it('gives the same answer again, without the secret, and does nothing twice', async () => {
    const first = await create('shop', 'one')
    assert.equal(first.status, 201)
    const again = await create('shop', 'one')
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, 'true'])
    assert.ok('secret' in first.body && !('secret' in again.body))
    assert.deepEqual(again.body['client'], first.body['client'])
    const kept = await stack.store.read((db) => db.selectFrom('idempotency_keys').selectAll().execute())
    assert.ok(!JSON.stringify(kept).includes(String(first.body['secret'])))
  })

  it('is refused with another body, and at another path', async () => {
    assert.equal((await create('shop', 'one', token, 'Other')).status, 422)
    const { status, body } = await send(issuer, token, 'POST', '/clients/shop/secret', {
      headers: { 'idempotency-key': 'one' },
    })
    assert.deepEqual([status, kindOf(body)], [422, 'key_reused'])
  })

  it('belongs to its sender, and lets a refused request be corrected', async () => {
    await give(stack, 'carol', 'permitry-owner')
    const carols = await adminToken(issuer, 'carol')
    const other = await create('shop', 'one', carols)
    assert.deepEqual([other.status, kindOf(other.body)], [409, 'taken'])
    assert.equal((await create('shop-two', 'one', carols)).status, 201)
    assert.equal((await create('shop-three', 'x'.repeat(256))).status, 400)
  })

  it('lets one of two through that come at once', async () => {
    const statuses = (await Promise.all([create('twin', 'twins'), create('twin', 'twins')])).map(({ status }) => status)
    assert.ok(statuses.includes(201))
    assert.ok(statuses.every((status) => status === 201 || status === 409))
    const made = await stack.store.read((db) =>
      db.selectFrom('audit_events').select('seq').where('client_id', '=', 'twin').execute(),
    )
    assert.equal(made.length, 1)
  })

  it('is forgotten after a day', async () => {
    clock += 24 * 60 * MINUTE + 1000
    await stack.server.forgetExpired()
    assert.deepEqual(await stack.store.read((db) => db.selectFrom('idempotency_keys').selectAll().execute()), [])
    token = await adminToken(issuer)
  })
})

test('what is sensitive needs a login of the last quarter of an hour, and says so', async () => {
  const browser = new Browser()
  await adminToken(issuer, 'admin', 'roles:write', { browser })
  clock += 16 * MINUTE
  const stale = await adminToken(issuer, 'admin', 'roles:write', { browser })
  assert.equal((await send(issuer, stale, 'GET', '/roles')).status, 200)
  const headers = { 'if-none-match': '*' }
  const put = await send(issuer, stale, 'PUT', '/roles/late', { body: { name: 'Late' }, headers })
  assert.deepEqual([put.status, kindOf(put.body)], [401, 'insufficient_user_authentication'])
  assert.match(put.headers.get('www-authenticate') ?? '', /error="insufficient_user_authentication".*max_age="900"/)
  const fresh = await adminToken(issuer, 'admin', 'roles:write')
  assert.equal((await send(issuer, fresh, 'PUT', '/roles/late', { body: { name: 'Late' }, headers })).status, 201)
})

test('an agent may read and act, and changes nothing that needs somebody to have signed in', async () => {
  const owner = { id: 'night-agent', name: 'Night agent', template: 'agent', owner: people.admin } as const
  const fresh = await adminToken(issuer)
  const made = await send(issuer, fresh, 'POST', '/clients', {
    body: { ...owner, auth: 'client_secret_basic', roles: ['permitry-owner'], servers: { permitry: 'all' } },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const form = {
    grant_type: 'client_credentials',
    client_id: owner.id,
    resource: `${issuer}/admin`,
    scope: 'roles:write',
  }
  const { body } = await requestToken(issuer, form, String(made.body['secret']))
  const agents = String(body['access_token'])
  assert.equal((await send(issuer, agents, 'GET', '/roles')).status, 200)
  const headers = { 'if-none-match': '*' }
  const put = await send(issuer, agents, 'PUT', '/roles/by-agent', { body: { name: 'A' }, headers })
  assert.deepEqual([put.status, kindOf(put.body)], [401, 'insufficient_user_authentication'])

  const api = adminClient(issuer, fresh)
  await api.call('agents.suspend', { params: { id: owner.id } })
  assert.equal(await refusal(issuer, agents, 'GET', '/roles'), '401 unauthorized')
  await api.call('agents.resume', { params: { id: owner.id } })
  // What was revoked stays revoked: the agent gets a new token.
  assert.equal(await refusal(issuer, agents, 'GET', '/roles'), '401 unauthorized')
})
