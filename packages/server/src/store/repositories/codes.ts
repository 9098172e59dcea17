import type { Db } from './database.ts'

/** An authorization code: only its hash is stored, with all that the token request must repeat (OAuth 2.1 §4.1.2). */
export interface Code {
  readonly hash: string
  readonly familyId: string
  readonly clientId: string
  readonly redirectUri: string
  readonly challenge: string
  readonly resource: string
  readonly expiresAt: number
  readonly consumedAt: number | null
  /** Thumbprint of the key that must be proved with it (RFC 9449 §10); null for none. */
  readonly boundKey: string | null
}

export const codes = (db: Db, tenant: string) => ({
  async add(code: Omit<Code, 'consumedAt'>, now: number): Promise<void> {
    await db
      .insertInto('codes')
      .values({
        tenant,
        hash: code.hash,
        family_id: code.familyId,
        client_id: code.clientId,
        redirect_uri: code.redirectUri,
        challenge: code.challenge,
        resource: code.resource,
        created_at: now,
        expires_at: code.expiresAt,
        consumed_at: null,
        bound_key: code.boundKey,
      })
      .execute()
  },

  async find(hash: string): Promise<Code | undefined> {
    const row = await db
      .selectFrom('codes')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .executeTakeFirst()
    return (
      row && {
        hash: row.hash,
        familyId: row.family_id,
        clientId: row.client_id,
        redirectUri: row.redirect_uri,
        challenge: row.challenge,
        resource: row.resource,
        expiresAt: row.expires_at,
        consumedAt: row.consumed_at,
        boundKey: row.bound_key,
      }
    )
  },

  /** Spends the code: true for exactly one caller, whatever was read before. */
  async consume(hash: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('codes')
      .set({ consumed_at: now })
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .where('consumed_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },
})
