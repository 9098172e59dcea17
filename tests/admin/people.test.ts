// People and agents over HTTP: found, changed, kept out, and what they can do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AdminClient, AdminError } from '@permitry/admin-api'
import { people, type Stack } from '@permitry/testkit'
import { adminClient, adminToken, give, startAdministration } from './world.ts'

let stack: Stack
let api: AdminClient
before(async () => {
  stack = await startAdministration()
  api = adminClient(stack.issuer, await adminToken(stack.issuer))
})
after(() => stack.close())

const refusedWith = (kind: string) => (error: unknown) =>
  error instanceof AdminError && error.problem.type === `urn:permitry:problem:${kind}`

const NEW = { username: 'nora', name: 'Nora Nightingale', email: 'nora@example.com', roles: ['pet-owner'] }

test('a person is made, found by each word of the name, changed, and removed', async () => {
  const params = { id: 'usr_nora' }
  const made = await api.call('people.put', { params, body: NEW, ifNoneMatch: '*' })
  assert.deepEqual(made.value, { ...params, ...NEW, groups: [], status: 'active', has_password: false, agents: [] })
  for (const q of ['NIGHT', 'nora n', 'nora@']) {
    const { value } = await api.call('people.list', { query: { q } })
    assert.deepEqual(
      value.items.map(({ id }) => id),
      ['usr_nora'],
      q,
    )
  }
  const changed = await api.call('people.put', { params, body: { ...NEW, roles: [] }, ifMatch: made.etag ?? '' })
  assert.deepEqual(changed.value.roles, [])
  const overwritten = api.call('people.put', { params, body: NEW, ifMatch: made.etag ?? '' })
  await assert.rejects(overwritten, refusedWith('changed_meanwhile'))
  await api.call('people.delete', { params, ifMatch: changed.etag ?? '' })
  await assert.rejects(api.call('people.get', { params }), refusedWith('not_found'))
})

test('people are listed by name, by role through groups too, and by one filter at a time', async () => {
  const { value } = await api.call('people.list', { query: { limit: 200 } })
  const names = value.items.map(({ name }) => name)
  assert.deepEqual(
    names,
    names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
  )
  const staff = await api.call('people.list', { query: { role: 'vet-staff' } })
  assert.deepEqual(
    staff.value.items.map(({ id }) => id),
    [people.dana],
  )
  await assert.rejects(api.call('people.list', { query: { q: 'x', role: 'vet-staff' } }), refusedWith('invalid'))
})

test('a suspended person is kept out until somebody lets them in; a password must be long enough', async () => {
  const params = { id: people.carol }
  const status = async () => (await api.call('people.get', { params })).value.status
  await api.call('people.suspend', { params })
  assert.equal(await status(), 'suspended')
  await api.call('people.resume', { params })
  assert.equal(await status(), 'active')
  await assert.rejects(api.call('people.set_password', { params, body: { password: 'short' } }), refusedWith('invalid'))
  await api.call('people.set_password', { params, body: { password: 'a longer one for carol' } })
  const nobody = { id: 'usr_nobody' }
  const set = api.call('people.set_password', { params: nobody, body: { password: 'a longer one' } })
  await assert.rejects(set, refusedWith('not_found'))
})

test('what Bob can do is told with the tools that his roles open, and through which application', async () => {
  const { value } = await api.call('people.access', { params: { id: people.bob } })
  assert.deepEqual(
    value.roles.map(({ id }) => id),
    ['pet-owner'],
  )
  const server = value.servers.find((at) => at.server.id === 'vetassist') ?? assert.fail('no VetAssist')
  assert.ok(server.scopes.includes('pet-profile:read') && !server.scopes.includes('pet-profile:write'))
  assert.ok(server.tools.some(({ name }) => name === 'list_pets'))
  assert.ok(!server.tools.some(({ name }) => name === 'update_pet'))
  assert.ok(server.clients.some(({ client }) => client.id === 'vet-assist-ai'))
})

test('an agent is no person, and a person no agent', async () => {
  await assert.rejects(api.call('agents.get', { params: { id: people.bob } }), refusedWith('not_found'))
  await assert.rejects(api.call('agents.suspend', { params: { id: people.bob } }), refusedWith('not_found'))
  const { value } = await api.call('agents.list')
  for (const { id } of value.items)
    await assert.rejects(api.call('people.get', { params: { id } }), refusedWith('not_found'))
})

test('an erased person is gone, and whoever may only read changes nothing', async () => {
  await give(stack, 'dana', 'permitry-auditor')
  const auditor = adminClient(stack.issuer, await adminToken(stack.issuer, 'dana', 'people:read'))
  const params = { id: 'usr_short_stay' }
  const { etag } = await api.call('people.put', { params, body: { name: 'Short Stay' }, ifNoneMatch: '*' })
  assert.equal((await auditor.call('people.get', { params })).etag, etag)
  const refused = await Promise.allSettled([
    auditor.call('people.erase', { params }),
    auditor.call('people.suspend', { params }),
    auditor.call('people.put', { params, body: { name: 'Auditor' }, ifMatch: etag ?? '' }),
    auditor.call('people.delete', { params, ifMatch: etag ?? '' }),
  ])
  for (const one of refused)
    assert.ok(one.status === 'rejected' && refusedWith('insufficient_scope')(one.reason), one.status)
  await api.call('people.erase', { params })
  await assert.rejects(api.call('people.get', { params }), refusedWith('not_found'))
})
