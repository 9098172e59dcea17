import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { putGroup, removeGroup } from './group.ts'
import { putRole, removeRole } from './role.ts'
import { assignRole, unassignRole } from './role-assignment.ts'
import { runCommand, type Operator } from './run.ts'
import { applied, auditOf, CLINIC, must, openTestOperator, read, revocationsOf } from './testing.ts'

const staff = { id: 'vet-staff', name: 'Vet Staff', description: '', scopes: { vetassist: ['read', 'write'] } }

function rolesOf(operator: Operator, subjectId: string): Promise<readonly string[]> {
  return read(operator, ({ subjects }) => subjects.roles(subjectId))
}

describeOnEachDatabase('commands about roles and groups', (emptyDatabase) => {
  test('a role that holds less refuses the tokens of all who hold it, through groups too, under one epoch', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, assignRole, { roleId: 'vet-staff', subjectId: 'usr_carol' })
    await must(operator, putRole, { ...staff, scopes: { vetassist: ['read'] } })
    assert.deepEqual(
      (await revocationsOf(operator)).toSorted((a, b) => ((a.of ?? '') < (b.of ?? '') ? -1 : 1)),
      [
        { epoch: 2, of: 'usr_carol' },
        { epoch: 2, of: 'usr_dana' },
      ],
    )
  })

  test('a role that holds more, or has another name, refuses nothing', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, putRole, { id: 'pet-owner', name: 'Owner', description: 'x', scopes: staff.scopes })
    assert.deepEqual(await revocationsOf(operator), [])
    assert.deepEqual((await auditOf(operator)).at(-1)?.detail, {
      role: 'pet-owner',
      change: 'updated',
      fields: ['description', 'name', 'scopes.vetassist'],
      changes: [
        { field: 'description', before: '', after: 'x' },
        { field: 'name', before: 'Pet Owner', after: 'Owner' },
        { field: 'scopes.vetassist', before: ['read'], after: ['read', 'write'] },
      ],
    })
  })

  test('a role that is put as it is, in another order, is unchanged', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const events = (await auditOf(operator)).length
    const scopes = { vetassist: ['write', 'read', 'write'] }
    assert.equal(await must(operator, putRole, { ...staff, scopes }), 'unchanged')
    assert.equal((await auditOf(operator)).length, events)
  })

  test('a role cannot hold a server or a scope that does not exist', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const scope = await runCommand(operator, putRole, { ...staff, scopes: { vetassist: ['fly'] } })
    assert.deepEqual(scope, { ok: false, error: { reason: 'unknown', kind: 'scope', id: 'fly' } })
    const server = await runCommand(operator, putRole, { ...staff, scopes: { gateway: [] } })
    assert.deepEqual(server, { ok: false, error: { reason: 'unknown', kind: 'server', id: 'gateway' } })
  })

  test('removing a role takes it from everybody and refuses their tokens', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, removeRole, { id: 'vet-staff' })
    assert.deepEqual(await rolesOf(operator, 'usr_dana'), [])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_dana' }])
  })

  test('a group that loses a role, or goes, refuses the tokens of its members', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, putGroup, { id: 'clinic', name: 'The clinic', roles: ['vet-staff', 'pet-owner'] })
    assert.deepEqual(await rolesOf(operator, 'usr_dana'), ['pet-owner', 'vet-staff'])
    assert.deepEqual(await revocationsOf(operator), [])
    await must(operator, putGroup, { id: 'clinic', name: 'The clinic', roles: ['pet-owner'] })
    await must(operator, removeGroup, { id: 'clinic' })
    assert.deepEqual(await rolesOf(operator, 'usr_dana'), [])
    assert.deepEqual(await revocationsOf(operator), [
      { epoch: 2, of: 'usr_dana' },
      { epoch: 3, of: 'usr_dana' },
    ])
  })

  test('a role is given to a person and taken again; only taking refuses tokens', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const assignment = { roleId: 'vet-staff', subjectId: 'usr_bob' }
    assert.equal(await must(operator, assignRole, assignment), 'changed')
    assert.equal(await must(operator, assignRole, assignment), 'unchanged')
    assert.deepEqual(await rolesOf(operator, 'usr_bob'), ['pet-owner', 'vet-staff'])
    assert.deepEqual(await revocationsOf(operator), [])
    assert.equal(await must(operator, unassignRole, assignment), 'changed')
    assert.equal(await must(operator, unassignRole, assignment), 'unchanged')
    assert.deepEqual(await rolesOf(operator, 'usr_bob'), ['pet-owner'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
    assert.deepEqual(
      (await auditOf(operator)).slice(-2).map(({ type, subject }) => [type, subject]),
      [
        ['role.assigned', 'usr_bob'],
        ['role.removed', 'usr_bob'],
      ],
    )
  })

  test('a role is given to a group and counts for its members', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const assignment = { roleId: 'pet-owner', groupId: 'clinic' }
    await must(operator, assignRole, assignment)
    assert.deepEqual(await rolesOf(operator, 'usr_dana'), ['pet-owner', 'vet-staff'])
    await must(operator, unassignRole, assignment)
    assert.deepEqual(await rolesOf(operator, 'usr_dana'), ['vet-staff'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_dana' }])
  })

  test('an unknown role, person or group is a failure', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const failures = [
      await runCommand(operator, assignRole, { roleId: 'nurse', subjectId: 'usr_bob' }),
      await runCommand(operator, assignRole, { roleId: 'vet-staff', subjectId: 'usr_eve' }),
      await runCommand(operator, unassignRole, { roleId: 'vet-staff', groupId: 'nurses' }),
      await runCommand(operator, removeRole, { id: 'nurse' }),
      await runCommand(operator, removeGroup, { id: 'nurses' }),
    ]
    assert.deepEqual(
      failures.map((done) => (done.ok ? done.value : 'id' in done.error && [done.error.kind, done.error.id])),
      [
        ['role', 'nurse'],
        ['subject', 'usr_eve'],
        ['group', 'nurses'],
        ['role', 'nurse'],
        ['group', 'nurses'],
      ],
    )
  })
})
