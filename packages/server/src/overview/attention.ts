// What an operator should look at: found in what is stored, and said with the thing that it is about.
import { scopeClosure } from '@permitry/oauth'
import { ADMIN_SERVER } from '../access/admin-api.ts'
import { isMore, newsOf } from '../catalogue/news.ts'
import { stateOf } from '../keys/key-life.ts'
import { inTenant, type InTenant } from '../store/in-tenant.ts'
import { list } from '../store/repositories/database.ts'
import type { Store } from '../store/store.ts'
import { HOUR } from './activity.ts'

const DAY = 24 * HOUR
/** NIST SP 800-57 part 1 allows years; half of one is when nobody remembers how to do it. */
const OLD_KEY = 180 * DAY
/** So many of a kind are named. */
const MOST = 20

export interface Attention {
  readonly kind:
    | 'server_never_seen'
    | 'tools_without_scopes'
    | 'tools_changed'
    | 'guard_dropped'
    | 'agent_without_owner'
    | 'client_document_fault'
    | 'key_old'
  /** What it is about. */
  readonly id: string
  readonly name: string
  /** How many things, grants or decisions. */
  readonly count: number
}

/** Looks for everything that needs attention. */
export async function findAttention(store: Store, tenant: string, now: number): Promise<Attention[]> {
  const read = <T>(work: (t: InTenant) => Promise<T>) => store.read((db) => work(inTenant(db, tenant)))
  return [
    ...(await read(neverSeen)),
    ...(await read(withoutScopes)),
    ...(await changedSinceConsent(store, tenant)),
    ...(await read((t) => dropped(t, now - DAY))),
    ...(await read(withoutOwner)),
    ...(await read(faultyDocuments)),
    ...(await read((t) => oldKeys(t, now))),
  ]
}

/** No guard has told anything of these MCP servers: maybe nothing protects them. */
async function neverSeen({ db, tenant }: InTenant): Promise<Attention[]> {
  const rows = await db
    .selectFrom('servers')
    .select(['servers.id', 'servers.name'])
    .where('servers.tenant', '=', tenant)
    .where('servers.id', '<>', ADMIN_SERVER)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('decisions')
            .select('decisions.id')
            .whereRef('decisions.tenant', '=', 'servers.tenant')
            .whereRef('decisions.server_id', '=', 'servers.id'),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('catalogue_items')
            .select('catalogue_items.name')
            .whereRef('catalogue_items.tenant', '=', 'servers.tenant')
            .whereRef('catalogue_items.server_id', '=', 'servers.id')
            .where('catalogue_items.source', '=', 'guard'),
        ),
      ),
    )
    .orderBy('servers.id')
    .limit(MOST)
    .execute()
  return rows.map(({ id, name }) => ({ kind: 'server_never_seen', id, name, count: 1 }))
}

/** Found by connecting, and nobody said yet what they need. */
async function withoutScopes({ db, tenant, labels }: InTenant): Promise<Attention[]> {
  const rows = await db
    .selectFrom('catalogue_items')
    .select(({ fn }) => ['server_id', fn.countAll<number>().as('count')])
    .where('tenant', '=', tenant)
    .where('scopes', 'is', null)
    .groupBy('server_id')
    .orderBy('server_id')
    .limit(MOST)
    .execute()
  const names = await labels.servers(rows.map(({ server_id }) => server_id))
  return rows.map(({ server_id: id, count }) => {
    return { kind: 'tools_without_scopes', id, name: names.get(id) ?? id, count: Number(count) }
  })
}

/** Living grants that open more now than the person was shown: the person is asked at the next authorization. */
async function changedSinceConsent(store: Store, tenant: string): Promise<Attention[]> {
  const alike = await store.scan((db) =>
    db
      .selectFrom('grants')
      .innerJoin('servers', (join) =>
        join.onRef('servers.tenant', '=', 'grants.tenant').onRef('servers.id', '=', 'grants.server_id'),
      )
      .select(({ fn }) => [
        'grants.server_id',
        'grants.scopes',
        'grants.seen_versions',
        fn.countAll<number>().as('count'),
      ])
      .select(['grants.catalogue_version as seen', 'servers.name'])
      .where('grants.tenant', '=', tenant)
      .where('grants.ended_at', 'is', null)
      .whereRef('grants.catalogue_version', '<', 'servers.catalogue_version')
      .groupBy([
        'grants.server_id',
        'grants.scopes',
        'grants.seen_versions',
        'grants.catalogue_version',
        'servers.name',
      ]),
  )
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    const found: Attention[] = []
    for (const [id, rows] of Map.groupBy(alike, (row) => row.server_id)) {
      const server = await t.servers.find(id)
      const changes = await t.catalogue.changesSince(id, Math.min(...rows.map(({ seen }) => seen)))
      const touched = rows.filter(({ scopes, seen_versions, seen }) => {
        const versions = JSON.parse(seen_versions) as Readonly<Record<string, number>>
        return list(scopes).some((scope) => {
          const news = newsOf(scopeClosure([scope], server?.hierarchy), changes, versions[scope] ?? seen)
          return news !== undefined && isMore(news)
        })
      })
      const count = touched.reduce((sum, row) => sum + Number(row.count), 0)
      if (count > 0) found.push({ kind: 'tools_changed', id, name: server?.name ?? id, count })
    }
    return found.slice(0, MOST)
  })
}

/** Decisions that guards had no room for: the audit lacks them. */
async function dropped({ auditEntries, labels }: InTenant, since: number): Promise<Attention[]> {
  const { items } = await auditEntries.page({ type: 'guard.counted', since, most: 500 })
  const counts = new Map<string, number>()
  for (const { serverId, detail } of items)
    if (serverId !== null) counts.set(serverId, (counts.get(serverId) ?? 0) + Number(detail['dropped'] ?? 0))
  const some = [...counts].filter(([, count]) => count > 0).slice(0, MOST)
  const names = await labels.servers(some.map(([id]) => id))
  return some.map(([id, count]) => ({ kind: 'guard_dropped', id, name: names.get(id) ?? id, count }))
}

/** Nobody answers for them, or nobody who is there and active. */
async function withoutOwner({ db, tenant }: InTenant): Promise<Attention[]> {
  const rows = await db
    .selectFrom('subjects as agent')
    .leftJoin('subjects as owner', (join) =>
      join.onRef('owner.tenant', '=', 'agent.tenant').onRef('owner.id', '=', 'agent.owner_id'),
    )
    .select(['agent.id', 'agent.name'])
    .where('agent.tenant', '=', tenant)
    .where('agent.kind', '=', 'agent')
    .where((eb) => eb.or([eb('owner.id', 'is', null), eb('owner.status', '=', 'suspended')]))
    .orderBy('agent.id')
    .limit(MOST)
    .execute()
  return rows.map(({ id, name }) => ({ kind: 'agent_without_owner', id, name, count: 1 }))
}

/** Clients that stopped because of what became of their documents. */
async function faultyDocuments({ db, tenant, labels }: InTenant): Promise<Attention[]> {
  const rows = await db
    .selectFrom('client_documents')
    .select('client_id')
    .where('tenant', '=', tenant)
    .where('fault', 'is not', null)
    .orderBy('client_id')
    .limit(MOST)
    .execute()
  const names = await labels.clients(rows.map(({ client_id }) => client_id))
  return rows.map(({ client_id: id }) => ({ kind: 'client_document_fault', id, name: names.get(id) ?? id, count: 1 }))
}

async function oldKeys({ signingKeys }: InTenant, now: number): Promise<Attention[]> {
  const old = (await signingKeys.all()).filter(
    (key) => stateOf(key, now) === 'signing' && now - key.signs_from > OLD_KEY,
  )
  return old.map(({ kid, purpose, alg }) => ({ kind: 'key_old', id: kid, name: `${purpose} ${alg}`, count: 1 }))
}
