import type { Selectable } from 'kysely'
import type { SignalStreamTable } from '../schema.ts'
import { type Db, list } from './database.ts'
import type { Position } from './revocations.ts'

/** What one guard process is told, and how far it has been told. */
export interface SignalStream {
  readonly id: string
  readonly clientId: string
  /** The MCP servers that the credential guarded when the stream was made. */
  readonly servers: readonly string[]
  readonly description: string | null
  /** The types of events that the guard asked for. */
  readonly events: readonly string[]
  /** Everything up to here is acknowledged. */
  readonly after: Position
  /** What is acknowledged beyond `after`. */
  readonly acked: readonly string[]
  /** An event that the guard asked for, to see that it gets events at all; null when it has it. */
  readonly verification: { readonly id: string; readonly state: string | null } | null
  readonly polledAt: number
}

export const signalStreams = (db: Db, tenant: string) => ({
  async add(stream: SignalStream, now: number): Promise<void> {
    const { id, clientId: client_id, servers, description, events } = stream
    await db
      .insertInto('signal_streams')
      .values({
        tenant,
        id,
        client_id,
        servers: JSON.stringify(servers),
        description,
        events: JSON.stringify(events),
        ...progressOf(stream),
        created_at: now,
      })
      .execute()
  },

  /** The stream of a credential with this id, unless nobody has polled it since `since`: then it has ended. */
  async findLiving(id: string, clientId: string, since: number): Promise<SignalStream | undefined> {
    const row = await living(db, tenant, clientId, since).where('id', '=', id).executeTakeFirst()
    return row && toStream(row)
  },

  async allLiving(clientId: string, since: number): Promise<SignalStream[]> {
    return (await living(db, tenant, clientId, since).orderBy('created_at').execute()).map(toStream)
  },

  /** The streams of all credentials that were polled since then, the last one first. */
  async newest(since: number, most: number): Promise<SignalStream[]> {
    const rows = await db
      .selectFrom('signal_streams')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('polled_at', '>', since)
      .orderBy('polled_at', 'desc')
      .orderBy('id')
      .limit(most)
      .execute()
    return rows.map(toStream)
  },

  /** Remembers how far the guard has been told. Never brings a stream back that has ended. */
  async advance(stream: SignalStream): Promise<void> {
    await db
      .updateTable('signal_streams')
      .set(progressOf(stream))
      .where('tenant', '=', tenant)
      .where('id', '=', stream.id)
      .execute()
  },

  async describe(id: string, { description, events }: Pick<SignalStream, 'description' | 'events'>): Promise<void> {
    await db
      .updateTable('signal_streams')
      .set({ description, events: JSON.stringify(events) })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute()
  },

  async verify(id: string, verification: NonNullable<SignalStream['verification']>): Promise<void> {
    await db
      .updateTable('signal_streams')
      .set({ verification_id: verification.id, verification_state: verification.state })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute()
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('signal_streams').where('tenant', '=', tenant).where('id', '=', id).execute()
  },

  /** Ends all streams of a credential but the `most` that were polled last: living guards poll all the time. */
  async keepNewest(clientId: string, most: number): Promise<void> {
    const newest = db
      .selectFrom('signal_streams')
      .select('id')
      .where('tenant', '=', tenant)
      .where('client_id', '=', clientId)
      .orderBy('polled_at', 'desc')
      .orderBy('id')
      .limit(most)
    await db
      .deleteFrom('signal_streams')
      .where('tenant', '=', tenant)
      .where('client_id', '=', clientId)
      .where('id', 'not in', newest)
      .execute()
  },
})

function living(db: Db, tenant: string, clientId: string, since: number) {
  return db
    .selectFrom('signal_streams')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('client_id', '=', clientId)
    .where('polled_at', '>', since)
}

function progressOf({ after, acked, verification, polledAt }: SignalStream) {
  return {
    after_epoch: after.epoch,
    after_id: after.id,
    acked: JSON.stringify(acked),
    verification_id: verification?.id ?? null,
    verification_state: verification?.state ?? null,
    polled_at: polledAt,
  }
}

function toStream(row: Selectable<SignalStreamTable>): SignalStream {
  return {
    id: row.id,
    clientId: row.client_id,
    servers: list(row.servers),
    description: row.description,
    events: list(row.events),
    after: { epoch: row.after_epoch, id: row.after_id },
    acked: list(row.acked),
    verification: row.verification_id === null ? null : { id: row.verification_id, state: row.verification_state },
    polledAt: row.polled_at,
  }
}
