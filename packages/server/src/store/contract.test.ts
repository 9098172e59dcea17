// What both databases promise to the rest of the server, on the product's own schema and repositories.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { appendAudit } from '../audit/append.ts'
import { forgetExpired } from './forget-expired.ts'
import type { InTenant } from './in-tenant.ts'
import { migrations } from './migrations/index.ts'
import { migrateStore, openStore } from './open-store.ts'
import type { Store } from './store.ts'
import {
  atTheEnd,
  describeOnEachDatabase,
  describePostgres,
  emptySqlite,
  type EmptyDatabase,
} from './testing/databases.ts'
import { openTestStore } from './testing/stores.ts'
import { addFamily, addSubject, consent, DAY, MINUTE, NOW, readIn, tellStory, unitIn } from './testing/story.ts'

const fifty = Array.from({ length: 50 }, (_, index) => index)

async function openStory(t: TestContext, emptyDatabase: EmptyDatabase): Promise<Store> {
  const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
  await tellStory(store, 'default')
  await tellStory(store, 'other')
  return store
}

/** How many of 50 parallel units were told that they won. */
async function winnersOf(store: Store, attempt: (t: InTenant) => Promise<boolean>): Promise<number> {
  const outcomes = await Promise.all(fifty.map(() => unitIn(store, 'default', attempt)))
  return outcomes.filter(Boolean).length
}

/** Everything that can be had once, and how one has it. */
const oneTimeThings: readonly [name: string, take: (t: InTenant) => Promise<boolean>][] = [
  ['the answer to an authorization request', (t) => t.requests.answer('request', NOW)],
  ['an authorization code', (t) => t.codes.consume('code', NOW)],
  ['the rotation of a refresh token', (t) => t.refreshTokens.rotate('refresh', 'fingerprint', 'sealed', NOW)],
  ['the end of a session', (t) => t.sessions.end('session', NOW)],
  ['the end of a grant', (t) => t.grants.end('grant', NOW)],
  ['the end of a family', (t) => t.families.end('family', 'replayed', NOW)],
]

describeOnEachDatabase('the store has one winner among 50', (emptyDatabase) => {
  for (const [name, take] of oneTimeThings) {
    test(`for ${name}`, async (t) => {
      const store = await openStory(t, emptyDatabase)
      assert.equal(await winnersOf(store, take), 1)
      assert.equal(await unitIn(store, 'default', take), false)
    })
  }
})

describeOnEachDatabase('the store has one living grant', (emptyDatabase) => {
  test('after 50 consents at the same moment, and a new one after its end', async (t) => {
    const store = await openStory(t, emptyDatabase)
    const consentAll = () =>
      Promise.all(fifty.map((n) => unitIn(store, 'default', (t) => t.grants.put(consent(`another-${n}`), NOW))))
    assert.deepEqual(new Set(await consentAll()), new Set(['grant']))
    await unitIn(store, 'default', (t) => t.grants.end('grant', NOW))
    const ids = new Set(await consentAll())
    assert.equal(ids.size, 1)
    assert.ok(!ids.has('grant'))
  })
})

describePostgres('the store has one winner among 50 in two processes', (emptyDatabase) => {
  for (const [name, take] of oneTimeThings) {
    test(`for ${name}`, async (t) => {
      const url = await emptyDatabase(t)
      const one = await openStory(t, () => Promise.resolve(url))
      const two = await openStore({ url })
      atTheEnd(t, () => two.close())
      const winners = await Promise.all([winnersOf(one, take), winnersOf(two, take)])
      assert.equal(winners[0] + winners[1], 1)
    })
  }
})

describeOnEachDatabase('the store lets things expire', (emptyDatabase) => {
  test('a request at its last moment, a session and a family when idle or old', async (t) => {
    const store = await openStory(t, emptyDatabase)
    const living = (now: number) =>
      readIn(store, 'default', async (t) => ({
        session: (await t.sessions.findLiving('session-secret', now)) !== undefined,
        family: (await t.families.findLiving('family', now)) !== undefined,
      }))
    assert.deepEqual(await living(NOW + DAY - 1), { session: true, family: true })
    assert.deepEqual(await living(NOW + DAY), { session: false, family: true })
    assert.deepEqual(await living(NOW + 14 * DAY), { session: false, family: false })
    await unitIn(store, 'default', async (t) => {
      await t.sessions.touch('session', NOW + 100 * DAY)
      await t.families.extend('family', NOW + 100 * DAY)
    })
    assert.deepEqual(await living(NOW + 30 * DAY), { session: false, family: true })
    assert.deepEqual(await living(NOW + 90 * DAY), { session: false, family: false })
    assert.equal(await unitIn(store, 'default', (t) => t.requests.answer('request', NOW + 10 * MINUTE)), false)
  })

  test('and forgets them a day later, a spent code and its tokens with their family', async (t) => {
    const store = await openStory(t, emptyDatabase)
    await unitIn(store, 'default', async (t) => {
      await addFamily(t, 'living')
      await t.refreshTokens.add('of the living', 'living', NOW)
      await t.codes.consume('code', NOW)
      await t.families.end('family', 'revoked', NOW)
    })
    const left = () =>
      readIn(store, 'default', async ({ requests, codes, refreshTokens, families }) => ({
        request: (await requests.find('request')) !== undefined,
        code: (await codes.find('code')) !== undefined,
        refresh: (await refreshTokens.find('refresh')) !== undefined,
        living: (await refreshTokens.find('of the living')) !== undefined,
        family: (await families.findLiving('living', NOW)) !== undefined,
      }))
    await forgetExpired(store, 'default', NOW + DAY)
    assert.deepEqual(await left(), { request: false, code: true, refresh: true, living: true, family: true })
    await forgetExpired(store, 'default', NOW + DAY + 1)
    assert.deepEqual(await left(), { request: false, code: false, refresh: false, living: true, family: true })
    const others = await readIn(store, 'other', (t) => t.codes.find('code'))
    assert.equal(others?.hash, 'code')
  })
})

describeOnEachDatabase('the store keeps spent ids as long as they could come again', (emptyDatabase) => {
  test('in one tenant, and not longer', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    const spend = (tenant: string) => unitIn(store, tenant, (inTenant) => inTenant.spentIds.spend('jti', NOW + MINUTE))
    assert.equal(await winnersOf(store, (inTenant) => inTenant.spentIds.spend('jti', NOW + MINUTE)), 1)
    assert.deepEqual([await spend('default'), await spend('other')], [false, true])
    await forgetExpired(store, 'default', NOW + MINUTE)
    assert.equal(await spend('default'), false)
    await forgetExpired(store, 'default', NOW + MINUTE + 1)
    assert.deepEqual([await spend('default'), await spend('other')], [true, false])
  })
})

/** How many rows of each table the tenant has; tables without one are left out. */
async function census(store: Store, tenant: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of OF_THE_STORY) {
    const [row] = await store.scan((db) =>
      db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('rows'))
        .where('tenant', '=', tenant),
    )
    if (row && row.rows > 0) counts[table] = row.rows
  }
  return counts
}

const OF_THE_STORY = [
  'authorization_requests',
  'client_servers',
  'clients',
  'codes',
  'families',
  'grants',
  'group_members',
  'group_roles',
  'groups',
  'refresh_tokens',
  'role_scopes',
  'roles',
  'scopes',
  'server_names',
  'servers',
  'sessions',
  'subject_roles',
  'subjects',
  'tools',
] as const

/** What goes with a row that is deleted, and stays in the other tenant. */
const cascades: readonly [
  table: 'subjects' | 'clients' | 'servers' | 'roles' | 'groups',
  id: string,
  gone: string[],
][] = [
  ['subjects', 'bob', ['codes', 'families', 'grants', 'group_members', 'refresh_tokens', 'sessions', 'subject_roles']],
  ['clients', 'app', ['authorization_requests', 'client_servers', 'codes', 'families', 'grants', 'refresh_tokens']],
  ['servers', 'vet', ['client_servers', 'role_scopes', 'scopes', 'server_names', 'tools']],
  ['roles', 'owner', ['group_roles', 'role_scopes', 'subject_roles']],
  ['groups', 'owners', ['group_members', 'group_roles']],
]

describeOnEachDatabase('the store deletes with a row what belongs to it', (emptyDatabase) => {
  for (const [table, id, gone] of cascades) {
    test(`of ${table}, and nothing else`, async (t) => {
      const store = await openStory(t, emptyDatabase)
      const others = await census(store, 'other')
      assert.deepEqual(Object.keys(others), [...OF_THE_STORY])
      await store.unit((tx) => tx.deleteFrom(table).where('tenant', '=', 'default').where('id', '=', id).execute())
      const left = OF_THE_STORY.filter((name) => name !== table && !gone.includes(name))
      assert.deepEqual(Object.keys(await census(store, 'default')), left)
      assert.deepEqual(await census(store, 'other'), others)
    })
  }

  test('but never a tenant that has an audit trail', async (t) => {
    const store = await openStory(t, emptyDatabase)
    await store.unit((tx) =>
      appendAudit(tx, { tenant: 'default', at: NOW, type: 'tenant.created', outcome: 'changed' }),
    )
    const remove = (tenant: string) => store.unit((tx) => tx.deleteFrom('tenants').where('id', '=', tenant).execute())
    await assert.rejects(remove('default'), /foreign key/i)
    await remove('other')
    assert.deepEqual(await census(store, 'other'), {})
  })
})

describeOnEachDatabase('the store tells ids apart', (emptyDatabase) => {
  test('by letter case, and user names not', async (t) => {
    const store = await openStory(t, emptyDatabase)
    await unitIn(store, 'default', async (t) => {
      await addSubject(t, 'Bob', 'Robert')
      await addFamily(t, 'Family')
      await t.refreshTokens.add('Refresh', 'Family', NOW)
      await t.refreshTokens.rotate('Refresh', 'fingerprint', 'sealed', NOW)
    })
    const found = await readIn(store, 'default', async ({ subjects, codes, requests, refreshTokens }) => ({
      names: [(await subjects.find('bob'))?.username, (await subjects.find('Bob'))?.username],
      folded: (await subjects.findByUsername('BOB'))?.id,
      code: await codes.find('CODE'),
      request: await requests.find('Request'),
      consumed: [(await refreshTokens.find('refresh'))?.consumedAt, (await refreshTokens.find('Refresh'))?.consumedAt],
    }))
    assert.deepEqual(found, {
      names: ['Bob', 'Robert'],
      folded: 'bob',
      code: undefined,
      request: undefined,
      consumed: [null, NOW],
    })
    await assert.rejects(
      unitIn(store, 'default', (t) => addSubject(t, 'bob2', 'bOB')),
      /unique/i,
    )
  })
})

describeOnEachDatabase('the store keeps two tenants apart', (emptyDatabase) => {
  for (const [name, take] of oneTimeThings) {
    test(`${name} is still there for the other one`, async (t) => {
      const store = await openStory(t, emptyDatabase)
      assert.equal(await unitIn(store, 'default', take), true)
      assert.equal(await unitIn(store, 'other', take), true)
    })
  }

  test('nothing of one is found in another', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    await tellStory(store, 'default')
    const found = await readIn(store, 'other', async (t) => [
      await t.requests.find('request'),
      await t.sessions.findLiving('session-secret', NOW),
      await t.grants.findLivingById('grant'),
      await t.families.findLiving('family', NOW),
      await t.codes.find('code'),
      await t.refreshTokens.find('refresh'),
      await t.subjects.find('bob'),
      await t.subjects.findByUsername('bob'),
      await t.clients.find('app'),
      await t.servers.find('vet'),
      await t.servers.findByResource('mcp://vetassist'),
    ])
    assert.deepEqual(new Set(found), new Set([undefined]))
    const lists = await readIn(store, 'other', async (t) => [
      await t.subjects.roles('bob'),
      await t.subjects.scopesOfRoles(['owner'], 'vet'),
      await t.servers.tools('vet'),
      [...(await t.clients.servers('app'))],
    ])
    assert.deepEqual(lists.flat(), [])
    for (const [, take] of oneTimeThings) assert.equal(await unitIn(store, 'other', take), false)
  })

  test('and no row can point across', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    await tellStory(store, 'default')
    const inOther = (work: (t: InTenant) => Promise<unknown>) =>
      assert.rejects(unitIn(store, 'other', work), /foreign key/i)
    await inOther((t) => t.refreshTokens.add('stray', 'family', NOW))
    await inOther((t) => addFamily(t, 'stray'))
  })
})

describe('every key of the schema', () => {
  test('begins with the tenant, and so does every reference', async (t) => {
    const url = await emptySqlite(t)
    const store = await openStore({ url })
    atTheEnd(t, () => store.close())
    const indexes = await store.scan((db) =>
      db
        .selectFrom(
          sql<{ tbl: string; idx: string; first: string | null }>`(
            select m.name as tbl, i.name as idx, (select c.name from pragma_index_info(i.name) c where c.seqno = 0) as first
            from sqlite_master m, pragma_index_list(m.name) i where m.type = 'table')`.as('i'),
        )
        .selectAll(),
    )
    const references = await store.scan((db) =>
      db
        .selectFrom(
          sql<{ tbl: string; target: string; first: string; target_first: string }>`(
            select m.name as tbl, f."table" as target, f."from" as first, f."to" as target_first
            from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table' and f.seq = 0)`.as('f'),
        )
        .selectAll(),
    )
    const own = ['tenants', 'versions', 'kysely_migration', 'kysely_migration_lock']
    const keys = indexes.filter(({ tbl }) => !own.includes(tbl))
    assert.deepEqual(
      keys.filter(({ first }) => first !== 'tenant'),
      [],
    )
    const across = references.filter(
      ({ first, target, target_first }) =>
        first !== 'tenant' || target_first !== (target === 'tenants' ? 'id' : 'tenant'),
    )
    assert.deepEqual(across, [])
    assert.ok(keys.length > 25 && references.length > 25)
  })
})

describeOnEachDatabase('a unit that fails', (emptyDatabase) => {
  test('spends nothing, and those beside it go on', async (t) => {
    const store = await openStory(t, emptyDatabase)
    const outcomes = await Promise.allSettled([
      unitIn(store, 'default', (t) => t.sessions.end('session', NOW)),
      unitIn(store, 'default', async (t) => {
        await t.codes.consume('code', NOW)
        await t.refreshTokens.add('refresh', 'family', NOW)
      }),
      unitIn(store, 'default', (t) => t.requests.answer('request', NOW)),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(await unitIn(store, 'default', (t) => t.codes.consume('code', NOW)), true)
    assert.equal(await unitIn(store, 'default', (t) => t.sessions.end('session', NOW)), false)
  })
})

describeOnEachDatabase('a process that dies between write and commit', (emptyDatabase) => {
  test('has spent nothing', async (t) => {
    const url = await emptyDatabase(t)
    const store = await openStory(t, () => Promise.resolve(url))
    const script = fileURLToPath(new URL('./testing/half-redemption.ts', import.meta.url))
    const dying = spawn(process.execPath, [script, url], { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(dying, 'close')
    const [said] = (await once(dying.stdout.setEncoding('utf8'), 'data')) as [string]
    assert.equal(said, 'spent\n')
    dying.kill('SIGKILL')
    await closed
    assert.equal(await unitIn(store, 'default', (t) => t.codes.consume('code', NOW)), true)
    assert.equal(await readIn(store, 'default', (t) => t.refreshTokens.find('of the half redemption')), undefined)
  })
})

describeOnEachDatabase('an empty database', (emptyDatabase) => {
  test('is brought to the newest schema, once', async (t) => {
    const url = await emptyDatabase(t)
    assert.deepEqual(await migrateStore({ url }), Object.keys(migrations))
    assert.deepEqual(await migrateStore({ url }), [])
    const store = await openStore({ url })
    atTheEnd(t, () => store.close())
    assert.equal(await unitIn(store, 'default', (t) => t.tenants.ensure('Default', NOW)), undefined)
  })
})
