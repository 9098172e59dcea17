// Every method of every repository, called in one tenant with what another one holds, answers as if that one did not exist.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CompiledQuery, sql } from 'kysely'
import { inTenant } from './in-tenant.ts'
import type { Store, Tx } from './store.ts'
import { argumentsOf, parametersOf, type Row } from './testing/arguments.ts'
import { emptySqlite } from './testing/databases.ts'
import { CONSOLE_SESSION, DECISION, holdEverything, methodNames, PUBLISHED } from './testing/everything.ts'
import { openTestStore } from './testing/stores.ts'
import { DAY, NOW } from './testing/story.ts'

const HOLDER = 'default'
const STRANGER = 'other'

/** These tell of a tenant what both have. */
const ABOUT_THE_TENANT_ITSELF = ['tenants.ensure', 'tenants.lock']

const STREAM = {
  id: 'stream',
  clientId: 'app',
  servers: ['vet'],
  description: null,
  events: ['urn:event'],
  after: { epoch: 2, id: 'revocation' },
  acked: [],
  verification: null,
  polledAt: NOW,
}

const KEY = {
  kid: 'key-of-access',
  purpose: 'access',
  alg: 'ES256',
  public_jwk: '{}',
  private_sealed: 'sealed',
  created_at: NOW,
  signs_from: NOW,
  retired_at: null,
}

/** What the names of parameters do not tell. */
const SPOKEN: Readonly<Record<string, unknown[][]>> = {
  'revocations.revokedBelow': [[{ subjectId: 'bob', familyId: 'family', clientId: 'app' }]],
  'revocations.after': [[{ epoch: 0, id: '' }, 1, 10]],
  'signalStreams.newest': [[1, 10]],
  'signalStreams.add': [[{ ...STREAM, id: 'new' }, NOW]],
  'signalStreams.advance': [[STREAM]],
  'signalStreams.describe': [['stream', { description: 'another', events: [] }]],
  'declarations.remove': [[{ kind: 'role', id: 'owner' }]],
  'setupLinks.add': [['another-link', NOW + DAY]],
  'setupLinks.isLiving': [['setup-link', NOW]],
  'setupLinks.spend': [['setup-link', NOW]],
  'powers.at': [['vet']],
  'servers.roleThatHolds': [['vet', ['pet-profile:read']]],
  'families.endAll': [[{ subjectId: 'bob' }, 'logout', NOW]],
  'families.allLiving': [[{ grantId: 'grant' }, NOW]],
  'subjectDefinitions.setStatus': [['bob', 'suspended', NOW]],
  'clientDefinitions.setStatus': [['app', 'suspended', NOW]],
  'loginFailures.put': [['failed-name', { failures: 4, lastAt: NOW }]],
  'loginFailures.sweepBeside': [['another-name', NOW + DAY]],
  'knownDevices.remember': [['bob', { old: 'device-one', now: 'device-three' }, NOW]],
  'catalogue.items': [['vet']],
  'catalogue.replaceItems': [['vet', [{ ...PUBLISHED, name: 'add_pet' }]]],
  'catalogue.addChanges': [['vet', 3, []]],
  'catalogue.changesSince': [['vet', 1]],
  'decisions.add': [[[{ ...DECISION, id: 'dec_of-another' }]]],
  'decisions.find': [['dec_of-a-call']],
  'decisions.list': [[{ subjectId: 'bob', most: 10 }]],
  'decisions.page': [[{ subjectId: 'bob', most: 10 }, undefined]],
  'subjectList.page': [[{ kind: 'agent', startsWith: 'rob', behind: undefined, most: 10 }]],
  'subjectList.holders': [['owner', undefined, 10]],
  'subjectList.members': [['staff', undefined, 10]],
  'subjectList.heldRoles': [['bob']],
  'subjectList.rows': [[['bob']]],
  'labels.subjects': [[['bob']]],
  'labels.clients': [[['app']]],
  'labels.servers': [[['vet']]],
  'clientList.authorizedAt': [['vet', 10]],
  'grantList.page': [[{ subjectId: 'bob', most: 10 }]],
  'grantList.lastUses': [[['grant']]],
  'sessionList.page': [[{ subjectId: 'bob', most: 10 }, NOW]],
  'auditEntries.page': [[{ most: 10 }]],
  'roles.page': [[{ behind: undefined, most: 10 }]],
  'roles.holderPage': [['owner', { behind: undefined, most: 10 }]],
  'serverDefinitions.page': [[{ behind: undefined, most: 10 }]],
  'clientList.page': [[{ behind: undefined, most: 10 }]],
  'groups.page': [[{ behind: undefined, most: 10 }]],
  'groups.memberPage': [['owners', { behind: undefined, most: 10 }]],
  'idempotencyKeys.claim': [[{ id: 'idempotency-key', request: 'another-hash' }, NOW + DAY, NOW + 2 * DAY]],
  'idempotencyKeys.find': [['idempotency-key']],
  'idempotencyKeys.keep': [
    [{ id: 'idempotency-key', status: 200, answer_sealed: 'sealed-answer', expires_at: NOW + DAY }],
  ],
  'idempotencyKeys.release': [['idempotency-key']],
  'families.endOthers': [[{ subjectId: 'bob', sessionId: 'another' }, 'logout', NOW]],
  'personalData.audit': [['bob', { stream: '', seq: 0 }, 10]],
  'declarations.has': [[{ kind: 'role', id: 'owner' }]],
  'signingKeys.add': [[KEY]],
  'consoleSessions.add': [[{ ...CONSOLE_SESSION, id: 'another-console', secret_hash: 'another-console-secret' }]],
  'consoleSessions.findLiving': [['console-secret', NOW]],
  'consoleSessions.replaceTokens': [
    [CONSOLE_SESSION, { tokens_sealed: 'sealed-anew', tokens_expire_at: NOW + DAY, scopes: 'roles:read' }],
  ],
  'consoleSessions.remove': [['console-secret']],
  'knownDevices.keepNewest': [['bob', 1]],
}

/** What a call did, as far as anybody could tell afterwards; it is undone at once. */
interface Outcome {
  readonly answer: string
  readonly holder: string
  readonly stranger: string
}

describe('a repository of one tenant', () => {
  it('answers for what another tenant holds as if that one did not exist, and changes nothing of it', async (t) => {
    const shared = await openTestStore(t, emptySqlite, [HOLDER, STRANGER])
    const alone = await openTestStore(t, emptySqlite, [STRANGER])
    await holdEverything(shared, HOLDER)
    const query = await shared.unit(snapshotQuery)
    const before = await shared.unit((tx) => snapshotOf(tx, query, HOLDER))
    const tables = Object.entries(JSON.parse(before) as Record<string, Row[]>)

    const withoutEffect: string[] = []
    for (const method of methodNames()) {
      let hasEffect = false
      const property = fc.asyncProperty(argumentsOf(method, tables), async (args) => {
        const asked = `${method}(${JSON.stringify(args)})`
        const [there, nowhere, home] = [
          await outcomeOf(shared, query, STRANGER, method, args),
          await outcomeOf(alone, query, STRANGER, method, args),
          await outcomeOf(shared, query, HOLDER, method, args),
        ]
        assert.equal(there.holder, before, `${asked} changed what the other tenant holds`)
        assert.equal(there.answer, nowhere.answer, asked)
        assert.equal(there.stranger, nowhere.stranger, asked)
        hasEffect ||= home.answer !== nowhere.answer || home.holder !== before
      })
      await fc.assert(property, { numRuns: 5, examples: SPOKEN[method]?.map((args) => [args]) ?? [] })
      // Arguments are tried until they would do something at home: otherwise nothing was shown.
      for (let seed = 1; !hasEffect && seed <= 20 && parametersOf(method).length > 0; seed++)
        await fc.assert(property, { numRuns: 5, seed })
      if (!hasEffect) withoutEffect.push(method)
    }
    assert.deepEqual(withoutEffect, ABOUT_THE_TENANT_ITSELF)
  })
})

async function outcomeOf(
  store: Store,
  query: string,
  tenant: string,
  method: string,
  args: readonly unknown[],
): Promise<Outcome> {
  const undone = new Error('undone')
  let outcome: Outcome | undefined
  await store
    .unit(async (tx) => {
      const answer = await call(tx, tenant, method, args).then(
        describeAnswer,
        (error: Error) => `throws ${error.message}`,
      )
      const [holder, stranger] = [await snapshotOf(tx, query, HOLDER), await snapshotOf(tx, query, STRANGER)]
      outcome = { answer, holder, stranger }
      throw undone
    })
    .catch((error: unknown) => assert.equal(error, undone))
  return outcome ?? assert.fail('the unit did not run')
}

async function call(tx: Tx, tenant: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const [repository = '', name = ''] = method.split('.')
  const repositories = inTenant(tx, tenant) as unknown as Record<
    string,
    Record<string, (...args: readonly unknown[]) => unknown>
  >
  return repositories[repository]?.[name]?.(...args)
}

function describeAnswer(answer: unknown): string {
  return JSON.stringify(answer instanceof Map || answer instanceof Set ? [...answer] : answer) ?? 'nothing'
}

async function snapshotOf(tx: Tx, query: string, tenant: string): Promise<string> {
  const { rows } = await tx.executeQuery<{ snapshot: string }>(CompiledQuery.raw(query, [tenant]))
  return rows[0]?.snapshot ?? assert.fail('no snapshot')
}

/** A query for everything that is stored of a tenant, as JSON: one for all tables, because it is asked often. */
async function snapshotQuery(tx: Tx): Promise<string> {
  const tables = await sql<{ name: string; columns: string }>`
    select m.name, group_concat('''' || c.name || ''', ' || c.name) as columns
    from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' group by m.name order by m.name`.execute(
    tx,
  )
  const parts = tables.rows.flatMap(({ name, columns }) => {
    const key = name === 'tenants' ? 'id' : columns.includes(`'tenant'`) ? 'tenant' : undefined
    return key ? `'${name}', (select json_group_array(json_object(${columns})) from ${name} where ${key} = ?1)` : []
  })
  return `select json_object(${parts.join(', ')}) as snapshot`
}
