import type { Db } from './database.ts'

/** Ids that count once, such as the `jti` of a client assertion or of a DPoP proof. Only their hashes are stored. */
export const spentIds = (db: Db, tenant: string) => ({
  /**
   * Spends an id: true for exactly one caller, also among units that run at the same time. `expiresAt` (ms) is when whatever
   * carries the id is refused for its age, so that the row can be forgotten; hash the id together with who made it.
   */
  async spend(hash: string, expiresAt: number): Promise<boolean> {
    const row = await db
      .insertInto('spent_ids')
      .values({ tenant, hash, expires_at: expiresAt })
      .onConflict((conflict) => conflict.columns(['tenant', 'hash']).doNothing())
      .returning('hash')
      .executeTakeFirst()
    return row !== undefined
  },
})
