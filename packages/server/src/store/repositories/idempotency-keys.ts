import type { Selectable } from 'kysely'
import type { IdempotencyKeyTable } from '../schema.ts'
import type { Db } from './database.ts'

export type IdempotencyKey = Omit<Selectable<IdempotencyKeyTable>, 'tenant'>

/** Requests under a key that their sender chose. `id` is the hash of sender and key, `request` that of everything sent. */
export const idempotencyKeys = (db: Db, tenant: string) => ({
  /** Begins a request: true for exactly one caller until it expires or is released. */
  async claim(
    { id, request }: Pick<IdempotencyKey, 'id' | 'request'>,
    expiresAt: number,
    now: number,
  ): Promise<boolean> {
    const fresh = { request, status: null, answer_sealed: null, expires_at: expiresAt }
    const row = await db
      .insertInto('idempotency_keys')
      .values({ tenant, id, ...fresh })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'id']).doUpdateSet(fresh).where('idempotency_keys.expires_at', '<=', now),
      )
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  },

  async find(id: string): Promise<IdempotencyKey | undefined> {
    return db
      .selectFrom('idempotency_keys')
      .select(['id', 'request', 'status', 'answer_sealed', 'expires_at'])
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
  },

  /** Keeps the answer for whoever repeats the request. */
  async keep({ id, ...facts }: Pick<IdempotencyKey, 'id' | 'status' | 'answer_sealed' | 'expires_at'>): Promise<void> {
    await db.updateTable('idempotency_keys').set(facts).where('tenant', '=', tenant).where('id', '=', id).execute()
  },

  /** Nothing came of it: the key may be used again. */
  async release(id: string): Promise<void> {
    await db.deleteFrom('idempotency_keys').where('tenant', '=', tenant).where('id', '=', id).execute()
  },
})
