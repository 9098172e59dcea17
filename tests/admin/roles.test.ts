// Roles and groups over HTTP, as an owner changes them: 5.01, and the two administrators of 5.53.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AdminClient } from '@permitry/admin-api'
import { people, type Stack } from '@permitry/testkit'
import { adminClient, adminToken, refusedWith, startAdministration } from './world.ts'

let stack: Stack
let api: AdminClient
before(async () => {
  stack = await startAdministration()
  api = adminClient(stack.issuer, await adminToken(stack.issuer))
})
after(() => stack.close())

const READ = { vetassist: ['pet-profile:read'] }

test('a role is made, read, changed, held and removed', async () => {
  const params = { id: 'night-shift' }
  const made = await api.call('roles.put', { params, body: { name: 'Night shift', scopes: READ }, ifNoneMatch: '*' })
  assert.deepEqual(made.value, { ...params, name: 'Night shift', description: '', scopes: READ, built_in: false })
  const read = await api.call('roles.get', { params })
  assert.deepEqual(read, made)

  const body = { name: 'Night shift', description: 'At night.', scopes: READ }
  const changed = await api.call('roles.put', { params, body, ifMatch: read.etag ?? '' })
  assert.equal(changed.value.description, 'At night.')
  assert.notEqual(changed.etag, read.etag)

  const bob = { ...params, kind: 'subject', holder: people.bob } as const
  await api.call('roles.assign', { params: bob })
  await api.call('roles.assign', { params: bob })
  const holders = await api.call('roles.holders', { params })
  assert.deepEqual(holders.value, {
    items: [{ kind: 'person', id: people.bob, name: 'Bob Fletcher' }],
    next_cursor: null,
  })
  await api.call('roles.unassign', { params: bob })
  assert.deepEqual((await api.call('roles.holders', { params })).value.items, [])

  await api.call('roles.delete', { params, ifMatch: changed.etag ?? '' })
  await assert.rejects(api.call('roles.get', { params }), refusedWith('not_found'))
})

test('a group is made with roles, holds them for its members, and is removed', async () => {
  const params = { id: 'front-desk' }
  const body = { name: 'Front desk', roles: ['pet-owner'] }
  const made = await api.call('groups.put', { params, body, ifNoneMatch: '*' })
  assert.deepEqual((await api.call('groups.get', { params })).value, made.value)
  const { value } = await api.call('roles.holders', { params: { id: 'pet-owner' }, query: { q: 'DESK' } })
  assert.deepEqual(value.items, [{ kind: 'group', id: 'front-desk', name: 'Front desk' }])
  assert.deepEqual((await api.call('groups.members', { params })).value.items, [])
  assert.ok((await api.call('groups.list')).value.items.some(({ id }) => id === 'front-desk'))
  await api.call('groups.delete', { params, ifMatch: made.etag ?? '' })
  await assert.rejects(
    api.call('groups.delete', { params, ifMatch: made.etag ?? '' }),
    refusedWith('changed_meanwhile'),
  )
})

test('of two administrators who change one version of a role at once, exactly one does', async () => {
  const params = { id: 'contested' }
  const { etag = '' } = await api.call('roles.put', { params, body: { name: 'Contested' }, ifNoneMatch: '*' })
  const answers = await Promise.allSettled(
    ['Ada', 'Grace'].map((name) => api.call('roles.put', { params, body: { name }, ifMatch: etag })),
  )
  const [refused, ...more] = answers.filter((answer) => answer.status === 'rejected')
  assert.equal(more.length, 0)
  assert.ok(refused && refusedWith('changed_meanwhile')(refused.reason))
  const [done] = answers.filter((answer) => answer.status === 'fulfilled')
  assert.deepEqual((await api.call('roles.get', { params })).value, done?.value.value)
})

test('a role that names what does not exist is refused', async () => {
  const scopes = { vetassist: ['pet-profile:fly'] }
  const made = api.call('roles.put', { params: { id: 'wrong' }, body: { name: 'Wrong', scopes }, ifNoneMatch: '*' })
  await assert.rejects(made, refusedWith('invalid'))
})

test('a role that is built in is held like others, and nobody changes or removes it', async () => {
  const params = { id: 'permitry-support' }
  const { value, etag: ifMatch = '' } = await api.call('roles.get', { params })
  assert.equal(value.built_in, true)
  await assert.rejects(api.call('roles.put', { params, body: { name: 'Mine' }, ifMatch }), refusedWith('conflict'))
  await assert.rejects(api.call('roles.delete', { params, ifMatch }), refusedWith('conflict'))
})

test('a list is read page by page, and searched', async () => {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const { value } = await api.call('roles.list', { query: { limit: 2, ...(cursor && { cursor }) } })
    ids.push(...value.items.map(({ id }) => id))
    cursor = value.next_cursor ?? undefined
  } while (cursor)
  assert.deepEqual(ids, [...new Set(ids)].toSorted())
  assert.ok(ids.includes('pet-owner') && ids.includes('vet-staff'))
  const { value } = await api.call('roles.list', { query: { q: 'STAFF' } })
  assert.deepEqual(
    value.items.map(({ id }) => id),
    ['vet-staff'],
  )
})
