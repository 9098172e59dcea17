import type { Selectable } from 'kysely'
import type { SigningKeyTable } from '../schema.ts'
import type { Db } from './database.ts'

export type SigningKey = Selectable<SigningKeyTable>

export const signingKeys = (db: Db, tenant: string) => ({
  async all(): Promise<readonly SigningKey[]> {
    return db
      .selectFrom('signing_keys')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('created_at')
      .orderBy('kid')
      .execute()
  },

  async add(key: Omit<SigningKey, 'tenant' | 'signs_from' | 'retired_at' | 'revoked_at'>): Promise<void> {
    await db
      .insertInto('signing_keys')
      .values({ ...key, tenant, signs_from: key.created_at, retired_at: null })
      .execute()
  },

  /** The key that signs now: the oldest one of its purpose and algorithm that is not retired. */
  async current(purpose: SigningKey['purpose'], alg: SigningKey['alg']): Promise<SigningKey | undefined> {
    return db
      .selectFrom('signing_keys')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('purpose', '=', purpose)
      .where('alg', '=', alg)
      .where('retired_at', 'is', null)
      .orderBy('created_at')
      .orderBy('kid')
      .executeTakeFirst()
  },
})
