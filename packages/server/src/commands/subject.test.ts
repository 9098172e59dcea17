import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from '../login/password.ts'
import { inUnit } from '../store/in-tenant.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { runCommand } from './run.ts'
import { eraseSubject, putSubject, removeSubject, resumeSubject, setPassword, suspendSubject } from './subject.ts'
import {
  applied,
  auditOf,
  CLINIC,
  consented,
  livingOf,
  must,
  openTestOperator,
  read,
  revocationsOf,
} from './testing.ts'

const bob = { id: 'usr_bob', username: 'bob', name: 'Bob', email: null, roles: ['pet-owner'], groups: [] }

describeOnEachDatabase('commands about people', (emptyDatabase) => {
  test('suspending a person ends sessions and families, refuses the living tokens and keeps the grants', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await consented(operator, 'usr_dana')
    assert.equal(await must(operator, suspendSubject, { id: 'usr_bob' }), 'changed')
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['grant'])
    assert.deepEqual(await livingOf(operator, 'usr_dana'), ['session', 'grant', 'family'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
    assert.equal((await read(operator, ({ tenants }) => tenants.current()))?.epoch, 2)
    assert.equal((await read(operator, ({ subjects }) => subjects.find('usr_bob')))?.status, 'suspended')
    assert.deepEqual((await auditOf(operator)).at(-1), { type: 'subject.suspended', subject: 'usr_bob', detail: {} })
  })

  test('erasing a person removes all that hangs on them and destroys the salt of the audit, which still tells of it', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await consented(operator, 'usr_dana')
    const noted = { kind: 'subject', id: 'usr_bob' } as const
    const audit = (subjectId: string) =>
      operator.store.unit((tx) =>
        inUnit(tx, 'default', operator.now).audit({
          type: 'login.succeeded',
          outcome: 'allowed',
          actor: noted,
          personal: { subjectId, fields: { username: subjectId } },
        }),
      )
    await audit('usr_bob')
    await audit('usr_dana')
    await must(operator, eraseSubject, { id: 'usr_bob' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), [])
    assert.deepEqual(await livingOf(operator, 'usr_dana'), ['session', 'grant', 'family'])
    assert.equal(await read(operator, ({ subjects }) => subjects.find('usr_bob')), undefined)
    const known = () => operator.store.read((db) => db.selectFrom('audit_persons').select('id').execute())
    assert.deepEqual(await known(), [{ id: 'usr_dana' }])
    assert.deepEqual((await auditOf(operator)).at(-1), { type: 'subject.erased', subject: 'usr_bob', detail: {} })
    const again = await runCommand(operator, eraseSubject, { id: 'usr_bob' })
    assert.deepEqual(again, { ok: false, error: { reason: 'unknown', kind: 'subject', id: 'usr_bob' } })

    await must(operator, removeSubject, { id: 'usr_dana' })
    await must(operator, eraseSubject, { id: 'usr_dana' })
    assert.deepEqual(await known(), [], 'who was removed before is reached by the id')
  })

  test('suspending or resuming a person twice changes nothing the second time', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    assert.equal(await must(operator, resumeSubject, { id: 'usr_bob' }), 'unchanged')
    assert.equal(await must(operator, suspendSubject, { id: 'usr_bob' }), 'changed')
    assert.equal(await must(operator, suspendSubject, { id: 'usr_bob' }), 'unchanged')
    assert.equal(await must(operator, resumeSubject, { id: 'usr_bob' }), 'changed')
    assert.equal((await read(operator, ({ subjects }) => subjects.find('usr_bob')))?.status, 'active')
    assert.equal((await revocationsOf(operator)).length, 1)
  })

  test('a new password signs the person out everywhere', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    const passwordHash = await hashPassword('a new password')
    await must(operator, setPassword, { id: 'usr_bob', passwordHash })
    const stored = await read(operator, ({ subjects }) => subjects.find('usr_bob'))
    assert.equal(await verifyPassword('a new password', stored?.password_hash ?? null), 'match')
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['grant'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
    assert.doesNotMatch(JSON.stringify(await auditOf(operator)), /argon2/)
  })

  test('a password is never stored as something that cannot be checked', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const done = await runCommand(operator, setPassword, { id: 'usr_bob', passwordHash: 'a new password' })
    assert.equal(!done.ok && done.error.reason, 'invalid')
  })

  test('a person who loses a role or a group has the living tokens refused, and nobody else has', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await must(operator, putSubject, { ...bob, name: 'Robert', roles: ['pet-owner', 'vet-staff'] })
    assert.deepEqual(await revocationsOf(operator), [])
    await must(operator, putSubject, { ...bob, roles: ['vet-staff'] })
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
  })

  test('a user name belongs to one person, letter case aside', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const done = await runCommand(operator, putSubject, { ...bob, id: 'usr_eve', username: 'BOB' })
    assert.deepEqual(done, { ok: false, error: { reason: 'taken', what: 'user name', name: 'BOB' } })
  })

  test('a person cannot be given a role or a group that does not exist', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    const withRole = await runCommand(operator, putSubject, { ...bob, roles: ['nurse'] })
    assert.deepEqual(withRole, { ok: false, error: { reason: 'unknown', kind: 'role', id: 'nurse' } })
    const withGroup = await runCommand(operator, putSubject, { ...bob, groups: ['nurses'] })
    assert.deepEqual(withGroup, { ok: false, error: { reason: 'unknown', kind: 'group', id: 'nurses' } })
  })

  test('removing a person removes sessions and grants, and refuses the living tokens', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await must(operator, removeSubject, { id: 'usr_bob' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), [])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'usr_bob' }])
  })

  test('an unknown person, or one of another tenant, is a failure', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    for (const command of [suspendSubject, resumeSubject, removeSubject]) {
      const done = await runCommand({ ...operator, tenant: 'other' }, command, { id: 'usr_bob' })
      assert.deepEqual(done, { ok: false, error: { reason: 'unknown', kind: 'subject', id: 'usr_bob' } })
    }
  })
})
