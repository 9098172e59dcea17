import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from '../../login/password.ts'
import { describeOnEachDatabase } from '../../store/testing/databases.ts'
import { assignRole } from '../role-assignment.ts'
import type { Operator } from '../run.ts'
import { setPassword, suspendSubject } from '../subject.ts'
import { removeRole, putRole } from '../role.ts'
import { applied, auditOf, CLINIC, configOf, must, openTestOperator, read, revocationsOf } from '../testing.ts'
import { apply, planApply } from './apply.ts'
import type { Plan } from './plan.ts'

function summary({ changes, leftAlone }: Plan): string[] {
  return [
    ...changes.map(
      ({ action, kind, id, fields }) => `${action} ${kind} ${id}: ${fields.map(({ field }) => field).join()}`,
    ),
    ...leftAlone.map(({ kind, id }) => `leave ${kind} ${id}`),
  ]
}

async function planned(operator: Operator, body: string, prune = false): Promise<string[]> {
  return summary(await planApply(operator, { config: configOf(body), prune }))
}

const secret = (letter: string) => `${letter}${'123456789abcdef0'.repeat(4)}`
const confidential = (letter: string) =>
  `clients: [{ id: c, name: C, auth: client_secret_basic, secret: '${secret(letter)}', redirect_uris: ['https://c.example/'] }]\n`
const user = (rest: string) => `users: [{ id: u, username: u, name: U, ${rest} }]\n`

describeOnEachDatabase('apply', (emptyDatabase) => {
  test('the name of the organisation is what the file says, and stays when a file says none', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const nameOf = () => read(operator, async ({ tenants }) => (await tenants.current())?.name)
    const before = await nameOf()
    const plan = await applied(operator, 'name: Willow Street Vets\n')
    assert.deepEqual(plan.changes, [
      {
        kind: 'tenant',
        id: 'default',
        action: 'update',
        fields: [{ field: 'name', before, after: 'Willow Street Vets' }],
      },
    ])
    assert.equal(await nameOf(), 'Willow Street Vets')
    assert.deepEqual(
      (await auditOf(operator)).map(({ type }) => type),
      ['tenant.changed', 'configuration.applied'],
    )
    assert.deepEqual(await planned(operator, 'name: Willow Street Vets\n'), [])
    assert.deepEqual(await planned(operator, '', true), [])
    assert.equal(await nameOf(), 'Willow Street Vets')
  })

  test('the first run makes everything in an order in which references hold, the second run changes nothing', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const first = await applied(operator, CLINIC)
    assert.deepEqual(
      first.changes.map(({ action, kind, id }) => `${action} ${kind} ${id}`),
      [
        'create server vetassist',
        'create role pet-owner',
        'create role vet-staff',
        'create group clinic',
        'create user usr_bob',
        'create user usr_dana',
        'create user usr_carol',
        'create client app',
        'create client other',
      ],
    )
    const before = await auditOf(operator)
    assert.deepEqual(before.at(-1), {
      type: 'configuration.applied',
      subject: null,
      detail: { create: 9, update: 0, delete: 0 },
    })
    assert.deepEqual(summary(await applied(operator, CLINIC)), [])
    assert.equal((await auditOf(operator)).length, before.length)
  })

  test('planning alone changes nothing', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    assert.equal((await planned(operator, CLINIC)).length, 9)
    assert.deepEqual(await auditOf(operator), [])
    assert.equal(await read(operator, ({ roles }) => roles.find('pet-owner')), undefined)
  })

  test('a change is planned with the fields that differ, before and after', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const body = CLINIC.replace('title: Write, risk: write', 'title: Write, risk: destructive').replace(
      'Pet Owner, scopes: { vetassist: [read] }',
      'Pet Owner, scopes: { vetassist: [read, write] }',
    )
    const plan = await planApply(operator, { config: configOf(body), prune: false })
    assert.deepEqual(plan.changes, [
      {
        kind: 'server',
        id: 'vetassist',
        action: 'update',
        fields: [{ field: 'scopes[write].risk', before: 'write', after: 'destructive' }],
      },
      {
        kind: 'role',
        id: 'pet-owner',
        action: 'update',
        fields: [{ field: 'scopes.vetassist', before: ['read'], after: ['read', 'write'] }],
      },
    ])
    await applied(operator, body)
    assert.deepEqual(await planned(operator, body), [])
  })

  test('what vanished from the file is left alone, and removed only with prune', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const body = CLINIC.replace(/ {2}- \{ id: other.*\n/, '').replace(/ {2}- \{ id: usr_carol.*\n/, '')
    assert.deepEqual(await planned(operator, body), ['leave client other', 'leave user usr_carol'])
    await applied(operator, body)
    assert.ok(await read(operator, ({ clients }) => clients.find('other')))
    assert.deepEqual(summary(await applied(operator, body, true)), ['delete client other: ', 'delete user usr_carol: '])
    assert.equal(await read(operator, ({ clients }) => clients.find('other')), undefined)
    assert.deepEqual(await planned(operator, body, true), [])
  })

  test('prune removes only what apply made', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await must(operator, putRole, { id: 'by-hand', name: 'By hand', description: '', scopes: {} })
    await must(operator, putRole, { id: 'both', name: 'Both', description: '', scopes: {} })
    await applied(operator, 'roles: [{ id: both, name: In the file }, { id: mine, name: Mine }]\n')
    assert.deepEqual(summary(await applied(operator, '', true)), ['delete role mine: '])
    await applied(operator, 'roles: [{ id: mine, name: Mine }]\n')
    await must(operator, removeRole, { id: 'mine' })
    await must(operator, putRole, { id: 'mine', name: 'By hand again', description: '', scopes: {} })
    assert.deepEqual(await planned(operator, '', true), [])
  })

  test('what was given by hand to a person of the file is taken again, as the file says', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, assignRole, { roleId: 'vet-staff', subjectId: 'usr_bob' })
    assert.deepEqual(summary(await applied(operator, CLINIC)), ['update user usr_bob: roles'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
  })

  test('a suspended person stays suspended', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, suspendSubject, { id: 'usr_bob' })
    assert.deepEqual(summary(await applied(operator, CLINIC.replace('name: Bob', 'name: Robert'))), [
      'update user usr_bob: name',
    ])
    assert.equal((await read(operator, ({ subjects }) => subjects.find('usr_bob')))?.status, 'suspended')
  })

  test('a password is set once and belongs to the person afterwards', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const passwordOf = async () => (await read(operator, ({ subjects }) => subjects.find('u')))?.password_hash ?? null
    await applied(operator, user('roles: []'))
    assert.equal(await passwordOf(), null)
    assert.deepEqual(summary(await applied(operator, user('password: first password'))), ['update user u: hasPassword'])
    assert.equal(await verifyPassword('first password', await passwordOf()), 'match')
    await must(operator, setPassword, { id: 'u', passwordHash: await hashPassword('my own password') })
    assert.deepEqual(summary(await applied(operator, user('password: first password'))), [])
    assert.deepEqual(summary(await applied(operator, user('roles: []'))), [])
    assert.equal(await verifyPassword('my own password', await passwordOf()), 'match')
  })

  test('a password may come as its hash', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, user(`password_hash: '${await hashPassword('from elsewhere')}'`))
    const stored = await read(operator, ({ subjects }) => subjects.find('u'))
    assert.equal(await verifyPassword('from elsewhere', stored?.password_hash ?? null), 'match')
  })

  test('a client secret is stored as its hash, and another one in the file replaces it', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, confidential('a'))
    assert.deepEqual(await planned(operator, confidential('a')), [])
    const plan = await applied(operator, confidential('b'))
    assert.deepEqual(summary(plan), ['update client c: secretHash'])
    assert.doesNotMatch(JSON.stringify([plan, await auditOf(operator)]), new RegExp(secret('b')))
  })

  test('two servers swap an address and two people a name in one run', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const body = (first: string, second: string, bob: string, eve: string) => `
servers:
  - { id: a, identifier: mcp://a, name: A, urls: ['https://${first}.example/mcp'] }
  - { id: b, identifier: mcp://b, name: B, urls: ['https://${second}.example/mcp'] }
users:
  - { id: usr_1, username: ${bob}, name: One }
  - { id: usr_2, username: ${eve}, name: Two }
`
    await applied(operator, body('x', 'y', 'bob', 'eve'))
    assert.deepEqual(summary(await applied(operator, body('y', 'x', 'eve', 'bob'))), [
      'update server a: urls',
      'update server b: urls',
      'update user usr_1: username',
      'update user usr_2: username',
    ])
    const owner = await read(operator, ({ servers }) => servers.findByResource('https://x.example/mcp'))
    assert.equal(owner?.serverId, 'b')
    assert.equal((await read(operator, ({ subjects }) => subjects.findByUsername('Bob')))?.id, 'usr_2')
  })

  test('nothing is applied when the database changed after the plan was shown', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const request = { config: configOf(CLINIC), prune: false }
    const shown = await planApply(operator, request)
    await must(operator, putRole, { id: 'pet-owner', name: 'Somebody was faster', description: '', scopes: {} })
    assert.deepEqual(await apply(operator, request, shown), { ok: false, error: { reason: 'changed_meanwhile' } })
    assert.equal(await read(operator, ({ subjects }) => subjects.find('usr_bob')), undefined)
  })

  test('when one change cannot be made, none is made', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, 'users: [{ id: usr_hand, username: bob, name: Bob }]\n')
    const request = { config: configOf(CLINIC), prune: false }
    const done = await apply(operator, request, await planApply(operator, request))
    assert.deepEqual(done, { ok: false, error: { reason: 'taken', what: 'user name', name: 'bob' } })
    assert.equal(await read(operator, ({ roles }) => roles.find('pet-owner')), undefined)
  })

  test('a tenant that does not exist is a failure', async (t) => {
    const operator = { ...(await openTestOperator(t, emptyDatabase)), tenant: 'nowhere' }
    const request = { config: configOf(CLINIC), prune: false }
    const done = await apply(operator, request, await planApply(operator, request))
    assert.deepEqual(done, { ok: false, error: { reason: 'unknown', kind: 'tenant', id: 'nowhere' } })
  })

  test('two tenants hold the same ids without seeing each other', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const other = { ...operator, tenant: 'other' }
    await applied(other, CLINIC)
    await applied(other, '', true)
    assert.deepEqual(await planned(operator, CLINIC), [])
    assert.equal((await planned(other, CLINIC)).length, 9)
  })
})
