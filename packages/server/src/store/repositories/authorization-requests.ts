import type { OAuthErrorCode } from '@permitry/oauth'
import type { Db } from './database.ts'

/** A stored authorization request: what was asked, and by the browser that holds the cookie behind `browserHash`. */
export interface StoredRequest {
  readonly id: string
  readonly browserHash: string
  readonly clientId: string
  readonly parameters: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly answeredAt: number | null
  /** The error that the client was sent; null when it was not answered, or with a code. */
  readonly refusal: OAuthErrorCode | null
}

export const authorizationRequests = (db: Db, tenant: string) => ({
  async add(request: Omit<StoredRequest, 'answeredAt' | 'createdAt' | 'refusal'>, now: number): Promise<void> {
    const { id, browserHash, clientId, parameters, expiresAt } = request
    await db
      .insertInto('authorization_requests')
      .values({
        tenant,
        id,
        browser_hash: browserHash,
        client_id: clientId,
        parameters,
        created_at: now,
        expires_at: expiresAt,
        answered_at: null,
        refusal: null,
      })
      .execute()
  },

  async find(id: string): Promise<StoredRequest | undefined> {
    const row = await db
      .selectFrom('authorization_requests')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    return (
      row && {
        id: row.id,
        browserHash: row.browser_hash,
        clientId: row.client_id,
        parameters: row.parameters,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        answeredAt: row.answered_at,
        refusal: row.refusal,
      }
    )
  },

  /** Takes the right to answer: true for exactly one caller, and for none after the request expired. */
  async answer(id: string, now: number, refusal: OAuthErrorCode | null = null): Promise<boolean> {
    const result = await db
      .updateTable('authorization_requests')
      .set({ answered_at: now, refusal })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('answered_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },
})
