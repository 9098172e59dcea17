// MCP servers and applications over HTTP, as in the guide's walk: register, import, authorize, and take back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AdminClient } from '@permitry/admin-api'
import type { Stack } from '@permitry/testkit'
import { adminClient, adminToken, atTheMachine, refusedWith, serveTools, startAdministration } from './world.ts'

let stack: Stack
let api: AdminClient
before(async () => {
  stack = await startAdministration()
  serveTools(stack)
  api = adminClient(stack.issuer, await adminToken(stack.issuer))
})
after(() => stack.close())

test('an MCP server is looked at, registered as proposed, and its tools are imported', async () => {
  const { value: seen } = await api.call('servers.inspect', { body: { url: stack.mcpUrl } })
  assert.equal(seen.state, 'open')
  assert.deepEqual(seen.tools.map(({ name }) => name).toSorted(), ['delete_room', 'list_rooms'])
  assert.deepEqual(
    seen.proposal.scopes.map(({ name, risk }) => [name, risk]),
    [
      ['room:read', 'read'],
      ['room:delete', 'destructive'],
    ],
  )
  // Two servers cannot have one address, so the clinic gives its own away.
  const vet = await api.call('servers.get', { params: { id: 'vetassist' } })
  const { id: vetassist, ...facts } = vet.value
  await api.call('servers.put', { params: { id: vetassist }, body: { ...facts, urls: [] }, ifMatch: vet.etag ?? '' })

  const params = { id: 'rooms' }
  const { scopes } = seen.proposal
  const made = await api.call('servers.put', {
    params,
    body: { identifier: 'mcp://rooms', name: 'Rooms', urls: [stack.mcpUrl], scopes },
    ifNoneMatch: '*',
  })
  assert.deepEqual((await api.call('servers.get', { params })).value, made.value)
  assert.ok((await api.call('servers.list')).value.items.some(({ id }) => id === 'rooms'))
  assert.ok(!(await api.call('servers.list')).value.items.some(({ id }) => id === 'permitry'))

  const imported = await api.call('servers.import', { params, body: {} })
  assert.deepEqual(imported.value, { changed: true, tools: 2 })
  assert.equal((await api.call('servers.import', { params, body: {} })).value.changed, false)
  const { value: catalogue } = await api.call('servers.catalogue', { params, query: { since: 0 } })
  assert.deepEqual(
    catalogue.entries.map(({ name, scopes: needed }) => [name, needed]),
    [
      ['delete_room', null],
      ['list_rooms', null],
    ],
  )
  assert.ok(catalogue.changes.some(({ name, before }) => name === 'list_rooms' && before === null))
  const { value: connect } = await api.call('servers.connect', { params })
  assert.equal(connect.url, stack.mcpUrl)
  assert.ok(connect.clients.some(({ client }) => client === 'claude-code'))

  await api.call('servers.delete', { params, ifMatch: made.etag ?? '' })
  await assert.rejects(api.call('servers.catalogue', { params }), refusedWith('not_found'))
})

test('what stands at no MCP server is told, and the admin API itself is none', async () => {
  const { value } = await api.call('servers.inspect', { body: { url: `${stack.issuer}/jwks` } })
  assert.equal(value.state, 'not_mcp')
  const { value: far } = await api.call('servers.inspect', { body: { url: 'https://169.254.169.254/mcp' } })
  assert.deepEqual([far.state, far.detail], ['unreachable', 'the address is not one that may be connected to'])
  await assert.rejects(api.call('servers.get', { params: { id: 'permitry' } }), refusedWith('not_found'))
})

test('an application is registered from a template, authorized, stopped, and removed', async () => {
  const params = { id: 'front-desk-app' }
  const body = {
    ...params,
    name: 'Front desk',
    template: 'web-app',
    redirect_uris: ['https://desk.example/cb'],
  } as const
  const made = await api.call('clients.create', { body, idempotencyKey: 'create-front-desk' })
  assert.match(made.value.secret ?? '', /^[\w-]{43}$/)
  assert.deepEqual([made.value.client.auth, made.value.client.has_secret], ['client_secret_basic', true])
  const repeated = await api.call('clients.create', { body, idempotencyKey: 'create-front-desk' })
  assert.deepEqual(repeated.value, { client: made.value.client })
  await assert.rejects(api.call('clients.create', { body }), refusedWith('taken'))

  await api.call('clients.authorize', {
    params: { ...params, server: 'vetassist' },
    body: { scopes: ['pet-profile:read'] },
  })
  const read = await api.call('clients.get', { params })
  assert.deepEqual(read.value.servers, { vetassist: ['pet-profile:read'] })
  const { id: _, active, has_secret, ...facts } = read.value
  assert.deepEqual([active, has_secret], [true, true])
  const changed = await api.call('clients.put', { params, body: { ...facts, name: 'Desk' }, ifMatch: read.etag ?? '' })
  assert.deepEqual([changed.value.name, changed.value.has_secret], ['Desk', true])
  await api.call('clients.unauthorize', { params: { ...params, server: 'vetassist' } })
  assert.deepEqual((await api.call('clients.get', { params })).value.servers, {})

  const { value: renewed } = await api.call('clients.renew_secret', { params })
  assert.notEqual(renewed.secret, made.value.secret)
  await api.call('clients.suspend', { params })
  assert.equal((await api.call('clients.get', { params })).value.active, false)
  const { value: found } = await api.call('clients.list', { query: { q: 'front-desk', registration: 'registered' } })
  assert.deepEqual(
    found.items.map(({ id, active }) => [id, active]),
    [['front-desk-app', false]],
  )
  await api.call('clients.resume', { params })
  const { etag = '' } = await api.call('clients.get', { params })
  await api.call('clients.delete', { params, ifMatch: etag })
  await assert.rejects(api.call('clients.get', { params }), refusedWith('not_found'))
})

test('templates say what they start with, and a redirect URI is explained', async () => {
  const { value: templates } = await api.call('clients.templates')
  assert.ok(templates.some(({ name, needs_owner }) => name === 'agent' && needs_owner))
  const check = async (uri: string, type: 'web' | 'native') =>
    (await api.call('clients.check_redirect_uri', { query: { uri, type } })).value
  assert.deepEqual(await check('https://app.example/callback', 'web'), { valid: true, problem: null })
  assert.match((await check('http://app.example/callback', 'web')).problem ?? '', /use https/)
  assert.match((await check('https://app.example/*', 'web')).problem ?? '', /wildcard/)
})

test('what was changed is in the audit with what it was before and after, and without secrets', async () => {
  const { store } = atTheMachine(stack)
  const rows = await store.read((db) =>
    db
      .selectFrom('audit_events')
      .select(['type', 'client_id', 'detail', 'actor_id'])
      .where('actor_kind', '=', 'subject')
      .execute(),
  )
  const named = rows.filter((row) => row.client_id === 'front-desk-app')
  const renamed = named.map(({ detail }) => detail).find((detail) => detail.includes('"Desk"'))
  assert.deepEqual((JSON.parse(renamed ?? '{}') as { changes?: unknown }).changes, [
    { field: 'name', before: 'Front desk', after: 'Desk' },
  ])
  assert.ok(named.some(({ detail }) => detail.includes('secretHash')))
  const secrets = await store.read((db) => db.selectFrom('clients').select('secret_hash').execute())
  for (const { secret_hash } of secrets)
    if (secret_hash !== null) assert.ok(!rows.some(({ detail }) => detail.includes(secret_hash)))
})
