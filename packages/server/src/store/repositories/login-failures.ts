import type { Db } from './database.ts'

/** Failed attempts under one key, which is an HMAC: no name or address is stored. */
export interface LoginFailures {
  readonly failures: number
  readonly lastAt: number
}

const SWEPT_NEIGHBOURS = 20

export const loginFailures = (db: Db, tenant: string) => ({
  /** Reads a key and holds it until the unit ends, so that of parallel attempts each sees the one before it. */
  async lock(key: string): Promise<LoginFailures> {
    const row = await db
      .insertInto('login_failures')
      .values({ tenant, key, failures: 0, last_at: 0 })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'key']).doUpdateSet((eb) => ({ failures: eb.ref('login_failures.failures') })),
      )
      .returning(['failures', 'last_at'])
      .executeTakeFirstOrThrow()
    return { failures: row.failures, lastAt: row.last_at }
  },

  /** Writes a key that this unit has locked. */
  async put(key: string, { failures, lastAt }: LoginFailures): Promise<void> {
    await db
      .updateTable('login_failures')
      .set({ failures, last_at: lastAt })
      .where('tenant', '=', tenant)
      .where('key', '=', key)
      .execute()
  },

  /**
   * Deletes rows of before `lastAt` among the neighbours of a key. Keys are spread evenly, so whoever adds rows sweeps
   * the whole table, a few rows at a time: it cannot grow beyond a few more than those that still count.
   */
  async sweepBeside(key: string, lastAt: number): Promise<void> {
    const neighbours = db
      .selectFrom('login_failures')
      .select('key')
      .where('tenant', '=', tenant)
      .where('key', '>', key)
      .orderBy('key')
      .limit(SWEPT_NEIGHBOURS)
    await db
      .deleteFrom('login_failures')
      .where('tenant', '=', tenant)
      .where('last_at', '<', lastAt)
      .where('key', 'in', neighbours)
      .execute()
  },
})
