import type { Db } from './database.ts'

/** A refresh token: only its hash is stored. `consumedFor` is the fingerprint of the request that rotated it. */
export interface RefreshToken {
  readonly hash: string
  readonly familyId: string
  readonly consumedAt: number | null
  readonly consumedFor: string | null
  readonly successorSealed: string | null
}

export const refreshTokens = (db: Db, tenant: string) => ({
  async add(hash: string, familyId: string, now: number): Promise<void> {
    await db
      .insertInto('refresh_tokens')
      .values({
        tenant,
        hash,
        family_id: familyId,
        created_at: now,
        consumed_at: null,
        consumed_for: null,
        successor_sealed: null,
      })
      .execute()
  },

  async find(hash: string): Promise<RefreshToken | undefined> {
    const row = await db
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .executeTakeFirst()
    return (
      row && {
        hash: row.hash,
        familyId: row.family_id,
        consumedAt: row.consumed_at,
        consumedFor: row.consumed_for,
        successorSealed: row.successor_sealed,
      }
    )
  },

  /** Rotates the token: true for exactly one caller, whose successor is kept sealed for the others' retries. */
  async rotate(hash: string, consumedFor: string, successorSealed: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('refresh_tokens')
      .set({ consumed_at: now, consumed_for: consumedFor, successor_sealed: successorSealed })
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .where('consumed_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },
})
