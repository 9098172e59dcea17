import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { describeOnEachDatabase } from '../store/testing/databases.ts'
import { putClient, suspendClient } from './client.ts'
import { assignRole, unassignRole } from './role-assignment.ts'
import { type Operator, runCommand } from './run.ts'
import { putSubject, removeSubject, resumeSubject, setPassword, suspendSubject } from './subject.ts'
import { applied, CLINIC, configOf, must, openTestOperator, read, revocationsOf } from './testing.ts'
import { planApply } from './apply/apply.ts'

const SECRET = '0123456789abcdef'.repeat(4)
const JOB = `  - { id: job, name: Job, template: machine, secret: ${SECRET}, roles: [pet-owner], owner: usr_dana, servers: { vetassist: all } }\n`

async function jobOf(operator: Operator): Promise<ClientDefinition> {
  const job = await read(operator, ({ clientDefinitions }) => clientDefinitions.find('job'))
  assert.ok(job)
  return job
}

describeOnEachDatabase('a client that acts for itself', (emptyDatabase) => {
  test('is a subject of its own, made and removed with the client, and the second apply changes nothing', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC + JOB)
    const agent = { id: 'job', name: 'Job', roles: ['pet-owner'], owner: 'usr_dana' }
    assert.deepEqual(await read(operator, ({ agents }) => agents.all()), [agent])
    assert.equal((await read(operator, ({ subjects }) => subjects.find('job')))?.kind, 'agent')
    const plan = await planApply(operator, { config: configOf(CLINIC + JOB), prune: true })
    assert.deepEqual([plan.changes, plan.leftAlone], [[], []])
    await applied(operator, CLINIC, true)
    assert.equal(await read(operator, ({ subjects }) => subjects.find('job')), undefined)
  })

  test('is no person: it has no password, no other definition, and stays when people are listed', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC + JOB)
    const people = await read(operator, ({ subjectDefinitions }) => subjectDefinitions.all())
    assert.ok(!people.some(({ id }) => id === 'job'))
    const passwordHash =
      '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    const refused = [
      await runCommand(operator, setPassword, { id: 'job', passwordHash }),
      await runCommand(operator, removeSubject, { id: 'job' }),
      await runCommand(operator, putSubject, {
        id: 'job',
        username: 'j',
        name: 'J',
        email: null,
        roles: [],
        groups: [],
      }),
    ]
    assert.deepEqual(
      refused.map((done) => (done.ok ? 'changed' : done.error.reason)),
      ['unknown', 'unknown', 'invalid'],
    )
  })

  test('never has the id of a person, nor roles or an owner that are not there', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC + JOB)
    const job = await jobOf(operator)
    const wrong: readonly Partial<ClientDefinition>[] = [
      { id: 'usr_bob' },
      { agent: { roles: ['nurse'], owner: null } },
      { agent: { roles: [], owner: 'nobody' } },
      { agent: { roles: [], owner: 'job' } },
      { agent: null },
      { guards: ['kennel'] },
      { authMethod: 'none', secretHash: null },
      { authMethod: 'private_key_jwt', secretHash: null },
      { authMethod: 'private_key_jwt', secretHash: null, jwks: '{"keys":[]}' },
      { jwksUri: 'https://job.example/keys' },
    ]
    for (const change of wrong) {
      const { ok } = await runCommand(operator, putClient, { ...job, ...change })
      assert.equal(ok, false, JSON.stringify(change))
    }
  })

  test('its living tokens are refused when it loses a role or its owner, and when any of them is suspended', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await applied(operator, CLINIC + JOB)
    const job = await jobOf(operator)
    let seen = 0
    const refusedSince = async () => {
      const all = await revocationsOf(operator)
      const fresh = all.slice(seen).map(({ of }) => String(of))
      seen = all.length
      return fresh.toSorted()
    }
    await must(operator, assignRole, { roleId: 'vet-staff', subjectId: 'job' })
    assert.deepEqual(await refusedSince(), [])
    await must(operator, unassignRole, { roleId: 'vet-staff', subjectId: 'job' })
    assert.deepEqual(await refusedSince(), ['job'])
    await must(operator, putClient, { ...job, agent: { roles: ['pet-owner'], owner: 'usr_carol' } })
    assert.deepEqual(await refusedSince(), ['job'])
    await must(operator, suspendSubject, { id: 'usr_carol' })
    assert.deepEqual(await refusedSince(), ['job', 'usr_carol'])
    await must(operator, resumeSubject, { id: 'usr_carol' })
    await must(operator, suspendSubject, { id: 'job' })
    assert.deepEqual(await refusedSince(), ['job'])
    await must(operator, suspendClient, { id: 'job' })
    assert.deepEqual(await refusedSince(), ['job'])
    await must(operator, removeSubject, { id: 'usr_carol' })
    assert.deepEqual(await refusedSince(), ['job', 'usr_carol'])
    assert.equal(
      (await read(operator, ({ agents }) => agents.find('job')))?.owner,
      'usr_carol',
      'nobody else answers for it',
    )
  })
})
