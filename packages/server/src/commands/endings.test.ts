import assert from 'node:assert/strict'
import { test } from 'node:test'
import { err } from '@permitry/oauth'
import { ADMIN_SCOPES } from '../access/admin-api.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import type { Actor } from './allowed.ts'
import { defineCommand } from './command.ts'
import { describeFailure } from './failure.ts'
import { endFamily } from './family.ts'
import { withdrawGrant } from './grant.ts'
import { putRole } from './role.ts'
import { commandUnit, runCommand } from './run.ts'
import { endSession } from './session.ts'
import { suspendSubject } from './subject.ts'
import { createTenant } from './tenant.ts'
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

describeOnEachDatabase('commands that end something, and what all commands share', (emptyDatabase) => {
  test('withdrawing a grant ends it with its families and refuses the tokens of each', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await consented(operator, 'usr_dana')
    await must(operator, withdrawGrant, { id: 'gnt_usr_bob' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session'])
    assert.deepEqual(await livingOf(operator, 'usr_dana'), ['session', 'grant', 'family'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'fam_usr_bob' }])
    const again = await runCommand(operator, withdrawGrant, { id: 'gnt_usr_bob' })
    assert.deepEqual(again, { ok: false, error: { reason: 'unknown', kind: 'grant', id: 'gnt_usr_bob' } })
  })

  test('ending a family keeps the consent', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    await must(operator, endFamily, { id: 'fam_usr_bob' })
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['session', 'grant'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'fam_usr_bob' }])
    const again = await runCommand(operator, endFamily, { id: 'fam_usr_bob' })
    assert.equal(!again.ok && again.error.reason, 'unknown')
  })

  test('ending a session signs the browser out and ends what was authorized from it; the consent stays', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC)
    await consented(operator, 'usr_bob')
    assert.equal(await must(operator, endSession, { id: 'ses_usr_bob' }), 'changed')
    assert.equal(await must(operator, endSession, { id: 'ses_usr_bob' }), 'unchanged')
    assert.deepEqual(await livingOf(operator, 'usr_bob'), ['grant'])
    assert.deepEqual(await revocationsOf(operator), [{ epoch: 2, of: 'fam_usr_bob' }])
    const unknown = await runCommand(operator, endSession, { id: 'ses_x' })
    assert.equal(!unknown.ok && unknown.error.reason, 'unknown')
  })

  test('a tenant is made once, under an id that a host name could carry', async (t) => {
    const operator = { ...(await openTestOperator(t, emptyDatabase)), tenant: 'north-clinic' }
    assert.equal(await must(operator, createTenant, { name: 'North Clinic' }), 'changed')
    assert.equal((await read(operator, ({ tenants }) => tenants.current()))?.name, 'North Clinic')
    assert.equal((await auditOf(operator)).at(-1)?.type, 'tenant.created')
    const again = await runCommand(operator, createTenant, { name: 'Again' })
    assert.deepEqual(again, { ok: false, error: { reason: 'taken', what: 'tenant', name: 'north-clinic' } })
    for (const tenant of ['', 'North', 'a b', '-a', 'a-', 'a/b', 'x'.repeat(64)]) {
      const done = await runCommand({ ...operator, tenant }, createTenant, { name: 'X' })
      assert.equal(!done.ok && done.error.reason, 'invalid', tenant)
    }
  })

  test('a tenant that does not exist is a failure of every command', async (t) => {
    const operator = { ...(await openTestOperator(t, emptyDatabase)), tenant: 'nowhere' }
    const done = await runCommand(operator, suspendSubject, { id: 'usr_bob' })
    assert.deepEqual(done, { ok: false, error: { reason: 'unknown', kind: 'tenant', id: 'nowhere' } })
  })

  test('clients, and people whose roles hold nothing, may run no command, whatever they bring', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const actors: Actor[] = [
      { kind: 'client', id: 'usr_dana' },
      { kind: 'subject', id: 'usr_dana', scopes: ADMIN_SCOPES },
    ]
    for (const actor of actors) {
      const done = await runCommand({ ...operator, actor }, suspendSubject, { id: 'usr_bob' })
      assert.deepEqual(done, { ok: false, error: { reason: 'forbidden', action: 'subject.suspend' } })
      const tenant = await runCommand({ ...operator, tenant: 'new', actor }, createTenant, { name: 'New' })
      assert.equal(!tenant.ok && tenant.error.reason, 'forbidden')
    }
  })

  test('when one command of a unit fails, none of them happened and none is in the audit', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const done = await commandUnit(operator, async (context) => {
      await putRole(context, { id: 'nurse', name: 'Nurse', description: '', scopes: {} })
      return suspendSubject(context, { id: 'usr_eve' })
    })
    assert.equal(!done.ok && done.error.reason, 'unknown')
    assert.equal(await read(operator, ({ roles }) => roles.find('nurse')), undefined)
    assert.deepEqual(await auditOf(operator), [])
  })

  test('a fault inside a command undoes it and is not taken for a failure', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const broken = defineCommand<object>('broken', async ({ t: tenant }) => {
      await tenant.roles.put({ id: 'nurse', name: 'Nurse', description: '', scopes: {} })
      throw new Error('out of paper')
    })
    await assert.rejects(runCommand(operator, broken, {}), /out of paper/)
    assert.equal(await read(operator, ({ roles }) => roles.find('nurse')), undefined)
  })

  test('a failure is told in one sentence that says what to do', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    const refuse = defineCommand<object>('refuse', () => Promise.resolve(err({ reason: 'changed_meanwhile' })))
    const done = await runCommand(operator, refuse, {})
    assert.equal(
      done.ok || describeFailure(done.error),
      'somebody changed the same things since the plan was made: nothing was applied, look at the new plan',
    )
    assert.equal(
      describeFailure({ reason: 'unknown', kind: 'grant', id: 'gnt_1' }),
      'there is no living grant `gnt_1`: check the spelling and the tenant',
    )
    assert.equal(
      describeFailure({ reason: 'taken', what: 'user name', name: 'bob' }),
      'the user name `bob` is taken: choose another one',
    )
    assert.equal(
      describeFailure({ reason: 'forbidden', action: 'role.assign' }),
      'this actor may not `role.assign`: nobody grants what he does not hold',
    )
  })
})
