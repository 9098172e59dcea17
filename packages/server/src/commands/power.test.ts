// Ways in which somebody with a little power could get more, each tried by a person with the scopes that the action itself needs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMIN_SCOPES, type AdminScope } from '../access/admin-api.ts'
import { consoleClient } from '../access/built-in.ts'
import { describeOnEachDatabase, type EmptyDatabase } from '../store/testing/databases.ts'
import type { TestContext } from 'node:test'
import { completeBuiltIn } from './built-in.ts'
import { putClient, removeClient, suspendClient } from './client.ts'
import type { Command } from './command.ts'
import { endFamily } from './family.ts'
import { withdrawGrant } from './grant.ts'
import { putGroup, removeGroup } from './group.ts'
import { publishCatalogue } from './catalogue.ts'
import { putRole, removeRole } from './role.ts'
import { assignRole, unassignRole } from './role-assignment.ts'
import { runCommand, type Operator } from './run.ts'
import { putServer, removeServer } from './server.ts'
import { addServerCredential } from './server-credential.ts'
import { endSession } from './session.ts'
import { createTenant } from './tenant.ts'
import { eraseSubject, putSubject, removeSubject, setPassword, suspendSubject } from './subject.ts'
import { applied, CLINIC, configOf, consented, must, openTestOperator, read } from './testing.ts'
import { apply, planApply } from './apply/apply.ts'

const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`
const ISSUER = 'http://localhost:9400'

const person = (id: string, roles: string[] = [], groups: string[] = []) => ({
  id,
  username: id,
  name: id,
  email: null,
  roles,
  groups,
})

const client = (id: string, servers: Record<string, 'all' | string[]>) => ({
  ...consoleClient('https://evil.example', 'hash'),
  id,
  name: id,
  servers,
})

const agent = (id: string, roles: string[]) => ({
  ...client(id, { permitry: 'all' }),
  grantTypes: ['client_credentials'],
  redirectUris: [],
  postLogoutRedirectUris: [],
  agent: { roles, owner: null },
})

/** The clinic with an owner, a group of admins, and an editor in each of four areas, whom nobody gave anything else. */
async function openOffice(t: TestContext, emptyDatabase: EmptyDatabase) {
  const operator = await openTestOperator(t, emptyDatabase)
  await completeBuiltIn(operator, consoleClient(ISSUER, 'secret-hash'))
  await applied(operator, CLINIC)
  await must(operator, putGroup, { id: 'office', name: 'The office', roles: ['permitry-security'] })
  await must(operator, putSubject, person('usr_owner', ['permitry-owner']))
  await must(operator, putSubject, person('usr_sam', [], ['office']))
  for (const scope of ['roles:write', 'people:write', 'clients:write', 'grants:write']) {
    const id = scope.replace(':', '-')
    await must(operator, putRole, { id, name: id, description: '', scopes: { permitry: [scope] } })
    await must(operator, putSubject, person(`usr_${id}`, [id]))
  }
  return operator
}

function by(operator: Operator, ...scopes: AdminScope[]): Operator {
  const id = `usr_${(scopes[0] ?? '').replace(':', '-')}`
  return { ...operator, actor: { kind: 'subject', id, scopes } }
}

async function refusal<Input>(operator: Operator, command: Command<Input>, input: Input): Promise<string> {
  const done = await runCommand(operator, command, input)
  return done.ok ? done.value : done.error.reason
}

/** Runs attacks in order and says how each ended. */
async function outcomes(attacks: Readonly<Record<string, () => Promise<string>>>): Promise<Record<string, string>> {
  const ended: Record<string, string> = {}
  for (const [name, attack] of Object.entries(attacks)) ended[name] = await attack()
  return ended
}

const allAre = (reason: string, attacks: object) =>
  Object.fromEntries(Object.keys(attacks).map((name) => [name, reason]))

describeOnEachDatabase('power', (emptyDatabase) => {
  test('a role editor does not become owner, whichever way he takes', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    await must(operator, assignRole, { roleId: 'pet-owner', groupId: 'clinic' })
    const editor = by(operator, 'roles:write', 'roles:read')
    const me = 'usr_roles-write'
    const mine = { id: 'roles-write', name: 'Mine', description: '' }
    const attacks = {
      'a new role that holds more': () =>
        refusal(editor, putRole, { ...mine, id: 'new', scopes: { permitry: ['people:write'] } }),
      'his own role made to hold more': () =>
        refusal(editor, putRole, { ...mine, scopes: { permitry: ['roles:write', 'people:write'] } }),
      'the role of an owner, for himself': () =>
        refusal(editor, assignRole, { roleId: 'permitry-owner', subjectId: me }),
      'an own role of somebody else that holds more': () =>
        refusal(editor, assignRole, { roleId: 'people-write', subjectId: me }),
      'the role of an owner, for a friend': () =>
        refusal(editor, assignRole, { roleId: 'permitry-owner', subjectId: 'usr_bob' }),
      'the role of an owner, for a group': () =>
        refusal(editor, assignRole, { roleId: 'permitry-owner', groupId: 'clinic' }),
      'a group that holds it': () => refusal(editor, putGroup, { id: 'mine', name: 'M', roles: ['permitry-owner'] }),
      'a group of today that is given it': () =>
        refusal(editor, putGroup, { id: 'clinic', name: 'C', roles: ['permitry-owner'] }),
      'the owner brought down to a pet owner': () =>
        refusal(editor, unassignRole, { roleId: 'permitry-owner', subjectId: 'usr_owner' }),
      'a harmless role, for the owner': () =>
        refusal(editor, assignRole, { roleId: 'pet-owner', subjectId: 'usr_owner' }),
      'the group of admins renamed': () =>
        refusal(editor, putGroup, { id: 'office', name: 'X', roles: ['permitry-security'] }),
      'the group of admins removed': () => refusal(editor, removeGroup, { id: 'office' }),
      'the role of somebody else removed': () => refusal(editor, removeRole, { id: 'people-write' }),
    }
    assert.deepEqual(await outcomes(attacks), allAre('not_held', attacks))
    assert.equal(await refusal(editor, putSubject, person(me, ['permitry-owner'])), 'forbidden')
    assert.equal(await refusal(editor, putServer, await definitionOf(operator, 'vetassist')), 'forbidden')
  })

  test('a role editor does what he is there for', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    const editor = by(operator, 'roles:write')
    const nurse = {
      id: 'nurse',
      name: 'Nurse',
      description: '',
      scopes: { vetassist: ['write'], permitry: ['roles:read'] },
    }
    assert.equal(await refusal(editor, putRole, nurse), 'changed')
    assert.equal(await refusal(editor, assignRole, { roleId: 'nurse', subjectId: 'usr_bob' }), 'changed')
    assert.equal(await refusal(editor, assignRole, { roleId: 'roles-write', groupId: 'clinic' }), 'changed')
    assert.equal(await refusal(editor, removeRole, { id: 'pet-owner' }), 'changed')
  })

  test('who looks after people neither takes over an admin nor hands out roles', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    await consented(operator, 'usr_owner')
    const support = by(operator, 'people:write', 'people:read')
    const attacks = {
      'the password of the owner': () => refusal(support, setPassword, { id: 'usr_owner', passwordHash: HASH }),
      'the password of an admin through a group': () =>
        refusal(support, setPassword, { id: 'usr_sam', passwordHash: HASH }),
      'the owner suspended': () => refusal(support, suspendSubject, { id: 'usr_owner' }),
      'the owner removed': () => refusal(support, removeSubject, { id: 'usr_owner' }),
      'the owner erased': () => refusal(support, eraseSubject, { id: 'usr_owner' }),
      'the address of the owner, where a password is recovered': () =>
        refusal(support, putSubject, { ...person('usr_owner', ['permitry-owner']), email: 'evil@example.com' }),
      'a role for himself': () =>
        refusal(support, putSubject, person('usr_people-write', ['people-write', 'vet-staff'])),
      'himself in a group of admins': () =>
        refusal(support, putSubject, person('usr_people-write', ['people-write'], ['office'])),
      'a new person who is an owner': () => refusal(support, putSubject, person('usr_new', ['permitry-owner'])),
      'a new person in a group of admins': () => refusal(support, putSubject, person('usr_new', [], ['office'])),
      'a role of the clinic, for somebody': () => refusal(support, putSubject, person('usr_carol', ['vet-staff'])),
    }
    assert.deepEqual(await outcomes(attacks), allAre('not_held', attacks))
    assert.equal(await refusal(support, setPassword, { id: 'usr_bob', passwordHash: HASH }), 'changed')
    assert.equal(await refusal(support, setPassword, { id: 'usr_people-write', passwordHash: HASH }), 'changed')
    assert.equal(await refusal(support, putSubject, person('usr_new')), 'changed')
    assert.equal(await refusal(support, suspendSubject, { id: 'usr_bob' }), 'changed')
  })

  test('who looks after applications gets none authorized for more than he holds', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    await must(operator, putClient, client('admin-tool', { permitry: ['people:write'] }))
    const editor = by(operator, 'clients:write', 'clients:read')
    const attacks = {
      'an application with a redirect of his own': () =>
        refusal(editor, putClient, client('evil', { permitry: ['roles:write'] })),
      'an application for all scopes of today and of tomorrow': () =>
        refusal(editor, putClient, client('evil', { permitry: 'all' })),
      'the redirect of an application that has more': () =>
        refusal(editor, putClient, {
          ...client('admin-tool', { permitry: ['people:write'] }),
          redirectUris: ['https://x.example/'],
        }),
      'the secret of such an application': () =>
        refusal(editor, putClient, { ...client('admin-tool', { permitry: ['people:write'] }), secretHash: 'his own' }),
      'such an application stopped': () => refusal(editor, suspendClient, { id: 'admin-tool' }),
      'such an application removed': () => refusal(editor, removeClient, { id: 'admin-tool' }),
      'an agent with the role of an owner': () => refusal(editor, putClient, agent('robot', ['permitry-owner'])),
      'an agent with a role of the clinic': () =>
        refusal(editor, putClient, { ...agent('robot', ['vet-staff']), servers: { vetassist: 'all' } }),
    }
    assert.deepEqual(await outcomes(attacks), allAre('not_held', attacks))
    assert.equal(
      await refusal(editor, putClient, client('mine', { permitry: ['clients:read'], vetassist: 'all' })),
      'changed',
    )
    assert.equal(await refusal(editor, putClient, { ...client('guard', {}), guards: ['permitry'] }), 'unknown')
  })

  test('who ends consents and sessions does not sign out somebody who has more', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    await consented(operator, 'usr_owner')
    await consented(operator, 'usr_bob')
    const support = by(operator, 'grants:write')
    const attacks = {
      session: () => refusal(support, endSession, { id: 'ses_usr_owner' }),
      family: () => refusal(support, endFamily, { id: 'fam_usr_owner' }),
      grant: () => refusal(support, withdrawGrant, { id: 'gnt_usr_owner' }),
    }
    assert.deepEqual(await outcomes(attacks), allAre('not_held', attacks))
    assert.equal(await refusal(support, endFamily, { id: 'fam_usr_bob' }), 'changed')
    assert.equal(await refusal(support, endSession, { id: 'ses_usr_bob' }), 'changed')
    assert.equal(await refusal(support, withdrawGrant, { id: 'gnt_usr_bob' }), 'changed')
  })

  test('a scope that the token brings counts only while a role of the person holds it', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    const owner: Operator = { ...operator, actor: { kind: 'subject', id: 'usr_owner', scopes: ADMIN_SCOPES } }
    await must(owner, assignRole, { roleId: 'permitry-owner', subjectId: 'usr_bob' })
    const bob: Operator = { ...operator, actor: { kind: 'subject', id: 'usr_bob', scopes: ADMIN_SCOPES } }
    assert.equal(await refusal(bob, unassignRole, { roleId: 'permitry-owner', subjectId: 'usr_owner' }), 'changed')
    const toSam = { roleId: 'permitry-owner', subjectId: 'usr_sam' }
    assert.equal(await refusal(owner, assignRole, toSam), 'forbidden')
    const narrow: Operator = { ...operator, actor: { kind: 'subject', id: 'usr_bob', scopes: ['roles:write'] } }
    assert.equal(await refusal(narrow, assignRole, toSam), 'not_held')
    await must(operator, assignRole, toSam)
    await must(operator, suspendSubject, { id: 'usr_bob' })
    assert.equal(await refusal(bob, assignRole, { roleId: 'permitry-auditor', subjectId: 'usr_carol' }), 'forbidden')
  })

  test('the last owner stays, whoever takes the owner away and however', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    const owner: Operator = { ...operator, actor: { kind: 'subject', id: 'usr_owner', scopes: ADMIN_SCOPES } }
    const id = 'usr_owner'
    const attempts = {
      'the role taken': () => refusal(operator, unassignRole, { roleId: 'permitry-owner', subjectId: id }),
      'the role taken by the owner': () => refusal(owner, unassignRole, { roleId: 'permitry-owner', subjectId: id }),
      'the person without it': () => refusal(operator, putSubject, person(id)),
      suspended: () => refusal(operator, suspendSubject, { id }),
      removed: () => refusal(operator, removeSubject, { id }),
      erased: () => refusal(owner, eraseSubject, { id }),
    }
    assert.deepEqual(await outcomes(attempts), allAre('last_owner', attempts))
    assert.deepEqual((await read(operator, ({ subjectDefinitions }) => subjectDefinitions.find(id)))?.roles, [
      'permitry-owner',
    ])
    await must(operator, assignRole, { roleId: 'permitry-owner', groupId: 'office' })
    assert.equal(await refusal(operator, removeSubject, { id }), 'changed')
    assert.equal(await refusal(operator, removeGroup, { id: 'office' }), 'last_owner')
  })

  test('of two owners who take the role from each other at once, one stays', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    await must(operator, assignRole, { roleId: 'permitry-owner', subjectId: 'usr_bob' })
    const take = (actorId: string, subjectId: string) =>
      refusal({ ...operator, actor: { kind: 'subject', id: actorId, scopes: ADMIN_SCOPES } }, unassignRole, {
        roleId: 'permitry-owner',
        subjectId,
      })
    const ended = await Promise.all([take('usr_bob', 'usr_owner'), take('usr_owner', 'usr_bob')])
    assert.deepEqual(ended.toSorted(), ['changed', 'forbidden'])
  })

  test('a file hands ownership over in one step, and does not end it', async (t) => {
    const operator = await openTestOperator(t, emptyDatabase)
    await completeBuiltIn(operator)
    const users = (id: string, role: string) => `users: [{ id: ${id}, username: ${id}, name: O, roles: [${role}] }]\n`
    await applied(operator, users('usr_a', 'permitry-owner'))
    await applied(operator, users('usr_b', 'permitry-owner'), true)
    const request = { config: configOf(''), prune: true }
    const done = await apply(operator, request, await planApply(operator, request))
    assert.deepEqual(done, { ok: false, error: { reason: 'last_owner' } })
  })

  test('what is built in is nobody’s to define, not even by an operator at the machine', async (t) => {
    const operator = await openOffice(t, emptyDatabase)
    const vetassist = await definitionOf(operator, 'vetassist')
    const attempts = {
      'the role of an owner': () =>
        refusal(operator, putRole, { id: 'permitry-owner', name: 'O', description: '', scopes: {} }),
      'a role that could be built in one day': () =>
        refusal(operator, putRole, { id: 'permitry-night', name: 'N', description: '', scopes: {} }),
      'a role removed': () => refusal(operator, removeRole, { id: 'permitry-auditor' }),
      'the admin API': () =>
        refusal(operator, putServer, { ...vetassist, id: 'permitry', identifier: 'mcp://x', urls: [] }),
      'the admin API removed': () => refusal(operator, removeServer, { id: 'permitry' }),
      'its catalogue': () => refusal(operator, publishCatalogue, { serverId: 'permitry', source: 'guard', items: [] }),
      'the client of the console': () => refusal(operator, putClient, client('permitry-console', { permitry: 'all' })),
      'the client of the console removed': () => refusal(operator, removeClient, { id: 'permitry-console' }),
      'the client of the console stopped': () => refusal(operator, suspendClient, { id: 'permitry-console' }),
      'a credential to guard the admin API': () =>
        refusal(operator, addServerCredential, { serverId: 'permitry', publicJwk: {} }),
    }
    assert.deepEqual(await outcomes(attempts), allAre('built_in', attempts))
    const named = await refusal(operator, putServer, {
      ...vetassist,
      id: 'x',
      identifier: 'urn:permitry:admin',
      urls: [],
    })
    assert.equal(named, 'taken')
  })

  test('what is built in comes with a tenant, again with a new version, and never over what an operator made', async (t) => {
    const operator = { ...(await openTestOperator(t, emptyDatabase)), tenant: 'clinic' }
    await must(operator, createTenant, { name: 'Clinic' })
    const roles = () => read(operator, async (all) => (await all.roles.all()).map(({ id }) => id))
    const builtIn = ['permitry-auditor', 'permitry-owner', 'permitry-security', 'permitry-support']
    assert.deepEqual(await roles(), builtIn)
    await operator.store.unit((tx) => tx.deleteFrom('roles').where('id', '=', 'permitry-auditor').execute())
    await completeBuiltIn(operator)
    assert.deepEqual(await roles(), builtIn)

    const old = { ...operator, tenant: 'other' }
    await old.store.unit((tx) =>
      tx.insertInto('roles').values({ tenant: 'other', id: 'permitry-owner', name: 'Mine', description: '' }).execute(),
    )
    await assert.rejects(completeBuiltIn(old), /`permitry-owner` is a name that Permitry itself needs now/)
  })
})

async function definitionOf(operator: Operator, id: string) {
  const found = await read(operator, ({ serverDefinitions }) => serverDefinitions.find(id))
  return found ?? assert.fail(`there is no server ${id}`)
}
