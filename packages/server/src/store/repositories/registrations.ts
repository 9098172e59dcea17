import { scopeClosure } from '@permitry/oauth'
import type { Selectable } from 'kysely'
import type { ClientTable } from '../schema.ts'
import { toClient } from './clients.ts'
import { type Db, list } from './database.ts'
import { type DynamicClient, factsOf } from './dynamic-clients.ts'
import { dynamicServers } from './dynamic-servers.ts'

/** A client that registered itself. `managementHash` is null for one that is shared, which nobody can change. */
export interface RegisteredClient {
  readonly client: DynamicClient
  readonly managementHash: string | null
  readonly createdAt: number
  /** A person has consented to it, so it is kept. */
  readonly consented: boolean
  readonly active: boolean
}

/** A client that is about to be registered: either it is managed by a token, or it is shared under a key. */
export interface NewRegistration {
  readonly client: DynamicClient
  readonly managementHash: string | null
  readonly sharedKey: string | null
}

const HOUR = 3_600_000

/** Clients that registered themselves (RFC 7591), and what only they have. */
export const registrations = (db: Db, tenant: string) => ({
  async find(id: string): Promise<RegisteredClient | undefined> {
    const row = await dcr(db, tenant).where('id', '=', id).executeTakeFirst()
    return row && toRegistered(row)
  },

  async findShared(sharedKey: string): Promise<RegisteredClient | undefined> {
    const row = await dcr(db, tenant).where('shared_key', '=', sharedKey).executeTakeFirst()
    return row && toRegistered(row)
  },

  /**
   * Adds a client; false when others share one under the same key already.
   * INVARIANT (one shared client): the unique index decides, whoever looked before.
   */
  async add({ client, managementHash, sharedKey }: NewRegistration, now: number): Promise<boolean> {
    const row = await db
      .insertInto('clients')
      .values({
        tenant,
        id: client.id,
        registration: client.registration,
        status: 'active',
        management_hash: managementHash,
        shared_key: sharedKey,
        created_at: now,
        updated_at: now,
        ...factsOf(client),
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'shared_key']).where('shared_key', 'is not', null).doNothing(),
      )
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  },

  /** Replaces what the client said of itself. */
  async replace(client: DynamicClient, now: number): Promise<void> {
    await db
      .updateTable('clients')
      .set({ ...factsOf(client), updated_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', client.id)
      .execute()
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('clients').where('tenant', '=', tenant).where('id', '=', id).execute()
  },

  /** Somebody registered as this shared client again: its day begins anew, as long as nobody has consented to it. */
  async renew(id: string, now: number): Promise<void> {
    await db
      .updateTable('clients')
      .set({ created_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('consented_at', 'is', null)
      .execute()
  },

  /**
   * Whether there is room for clients that nobody has consented to. When there is not, the oldest are forgotten before
   * their day is over, but none that may be on its way to a first consent.
   */
  async hasRoom(most: number, now: number): Promise<boolean> {
    const unused = () =>
      db
        .selectFrom('clients')
        .where('tenant', '=', tenant)
        .where('registration', '=', 'dcr')
        .where('consented_at', 'is', null)
    const { count } = await unused()
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) <= most) return true
    const oldest = unused()
      .select('id')
      .where('created_at', '<', now - HOUR)
      .orderBy('created_at')
      .limit(Math.ceil(most / 100))
    const gone = await db
      .deleteFrom('clients')
      .where('tenant', '=', tenant)
      .where('consented_at', 'is', null)
      .where('id', 'in', oldest)
      .returning('id')
      .execute()
    return gone.length > 0
  },

  /** The scopes that MCP servers allow to clients that nobody registered. */
  async allowedScopes(): Promise<readonly string[]> {
    const servers = await dynamicServers(db, tenant, undefined)
    const scopes = await db
      .selectFrom('scopes')
      .select(['server_id', 'name', 'implies'])
      .where('tenant', '=', tenant)
      .execute()
    return [...servers].flatMap(([id, allowed]) => {
      const own = scopes.filter(({ server_id }) => server_id === id)
      const hierarchy = Object.fromEntries(own.map(({ name, implies }) => [name, list(implies)]))
      return allowed === 'all' ? own.map(({ name }) => name) : scopeClosure(allowed, hierarchy)
    })
  },
})

function dcr(db: Db, tenant: string) {
  return db.selectFrom('clients').selectAll().where('tenant', '=', tenant).where('registration', '=', 'dcr')
}

function toRegistered(row: Selectable<ClientTable>): RegisteredClient {
  const { active, createdAt, registration: _, guards: __, ...client } = toClient({ ...row, fault: null })
  return {
    client: {
      ...client,
      registration: 'dcr',
      scopes: row.scopes === null ? null : list(row.scopes),
      metadata: row.metadata,
    },
    managementHash: row.management_hash,
    createdAt,
    consented: row.consented_at !== null,
    active,
  }
}
