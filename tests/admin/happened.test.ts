// What happened and what goes on, over HTTP: grants, sessions, audit, decisions with their reasons, and keys.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AdminClient, AdminError } from '@permitry/admin-api'
import { people } from '@permitry/testkit'
import { batchOf, eventOf, openWorld, report, type World } from '../reports/world.ts'
import { adminClient, adminToken, prepareAdministration } from './world.ts'

let world: World
let api: AdminClient
before(async () => {
  world = await openWorld()
  await prepareAdministration(world.stack)
  api = adminClient(world.stack.issuer, await adminToken(world.stack.issuer))
})
after(() => world.close())

const refusedWith = (kind: string) => (error: unknown) =>
  error instanceof AdminError && error.problem.type === `urn:permitry:problem:${kind}`

test('a refused call is listed, and its page says in words why, and what would happen now', async () => {
  const refused = { outcome: 'never', reasons: ['not_entitled'], resource: { type: 'tool', id: 'update_pet' } }
  const event = eventOf(world, refused)
  await report(world, '/decisions', batchOf([eventOf(world), event]))
  const { value } = await api.call('decisions.list', { query: { person: people.bob, refused: 'true' } })
  const [listed] = value.items
  assert.equal(listed?.id, event['decision_id'])
  assert.deepEqual(listed?.person, { id: people.bob, name: 'Bob Fletcher' })

  const told = await api.call('decisions.get', { params: { id: String(event['decision_id']) } })
  const [decision] = told.value.items
  assert.match(decision?.words.join(' ') ?? '', /Bob Fletcher.*update_pet.*No role of the person/s)
  assert.equal(decision?.now?.verdict, 'refused')
  assert.ok(decision.now.links.some(({ link, change }) => link === 'roles' && change?.includes('Vet Staff')))
  await assert.rejects(api.call('decisions.get', { params: { id: 'dec_none' } }), refusedWith('not_found'))
})

test('a call that nobody has made is explained link by link', async () => {
  const query = { person: people.bob, client: String(world.bob['client_id']), server: 'vetassist' }
  const reads = await api.call('decisions.explain', { query: { ...query, name: 'list_pets' } })
  assert.ok(['allowed', 'depends'].includes(reads.value.verdict))
  const writes = await api.call('decisions.explain', { query: { ...query, name: 'update_pet' } })
  assert.equal(writes.value.verdict, 'refused')
  const none = await api.call('decisions.explain', { query: { ...query, person: 'usr_none', name: 'list_pets' } })
  assert.equal(none.value.verdict, 'refused')
})

test('the audit is filtered by type, person and time, and says who did what', async () => {
  const params = { id: 'to-be-seen' }
  await api.call('roles.put', { params, body: { name: 'Seen' }, ifNoneMatch: '*' })
  const { value } = await api.call('audit.list', { query: { type: 'role.changed', limit: 1 } })
  assert.deepEqual(
    value.items.map(({ type, actor }) => [type, actor?.id]),
    [['role.changed', people.admin]],
  )
  const ofBob = await api.call('audit.list', { query: { person: people.bob, limit: 200 } })
  assert.ok(ofBob.value.items.length > 0 && ofBob.value.items.every(({ person }) => person === people.bob))
  const before = await api.call('audit.list', { query: { until: 1 } })
  assert.deepEqual(before.value, { items: [], next_cursor: null })
})

test('a session is listed and ended', async () => {
  const { value } = await api.call('sessions.list', { query: { person: people.bob } })
  const [session] = value.items
  assert.equal(session?.person.name, 'Bob Fletcher')
  await api.call('sessions.end', { params: { id: session.id } })
  const left = await api.call('sessions.list', { query: { person: people.bob } })
  assert.ok(!left.value.items.some(({ id }) => id === session.id))
  await assert.rejects(api.call('sessions.end', { params: { id: 'ses_none' } }), refusedWith('not_found'))
})

test('grants are listed with their last use, and withdrawn one by one or all of a client', async () => {
  const client = String(world.bob['client_id'])
  const { value } = await api.call('grants.list', { query: { client } })
  const [grant] = value.items
  assert.equal(grant?.person.id, people.bob)
  assert.ok(grant.last_use)
  const families = await api.call('grants.families', { params: { id: grant.id } })
  assert.ok(Array.isArray(families.value.items))
  const all = await api.call('grants.withdraw_all', { body: { client } })
  assert.equal(all.value.withdrawn, value.items.length)
  assert.deepEqual((await api.call('grants.list', { query: { client } })).value.items, [])
  await assert.rejects(api.call('grants.withdraw', { params: { id: grant.id } }), refusedWith('not_found'))
  await assert.rejects(api.call('grants.withdraw_all', { body: { client: 'none' } }), refusedWith('not_found'))
})

test('keys are listed without their private halves, and the next ones are published once', async () => {
  assert.deepEqual((await api.call('keys.rotate')).value, { changed: true })
  assert.deepEqual((await api.call('keys.rotate')).value, { changed: false })
  const { value } = await api.call('keys.list')
  assert.deepEqual(new Set(value.items.map(({ state }) => state)), new Set(['signing', 'next']))
  assert.ok(!JSON.stringify(value).includes('"d"'))
  await assert.rejects(api.call('keys.revoke', { params: { id: 'none' } }), refusedWith('not_found'))
})

test('the overview says what is protected, what was refused, and what needs attention', async () => {
  const { value } = await api.call('overview.get')
  assert.deepEqual(
    value.servers.map(({ id }) => id),
    ['vetassist'],
  )
  assert.ok(value.hours.reduce((sum, { refused }) => sum + refused, 0) > 0)
  assert.deepEqual(value.reasons, [{ reasons: ['not_entitled'], count: 1 }])
  assert.equal(value.usage[0]?.person.name, 'Bob Fletcher')
})

test('settings and health are read by who may', async () => {
  const { value } = await api.call('system.settings')
  assert.deepEqual([value.issuer, value.tenant], [world.stack.issuer, 'default'])
  const health = await api.call('system.health')
  assert.ok(health.value.keys.length > 0 && health.value.keys.every(({ signing }) => signing))
  const { issuer } = world.stack
  const reader = adminClient(issuer, await adminToken(issuer, 'admin', 'people:write'))
  await assert.rejects(reader.call('system.settings'), refusedWith('insufficient_scope'))
})
