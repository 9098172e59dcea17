import type { Db } from './database.ts'

/** Links by which a first owner is made; only their hashes are stored. */
export const setupLinks = (db: Db, tenant: string) => ({
  async add(hash: string, expiresAt: number): Promise<void> {
    await db.insertInto('setup_links').values({ tenant, hash, expires_at: expiresAt }).execute()
  },

  async isLiving(hash: string, now: number): Promise<boolean> {
    const row = await db
      .selectFrom('setup_links')
      .select('hash')
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row !== undefined
  },

  /** Spends a link: true for exactly one caller, while it lives. */
  async spend(hash: string, now: number): Promise<boolean> {
    const row = await db
      .deleteFrom('setup_links')
      .where('tenant', '=', tenant)
      .where('hash', '=', hash)
      .where('expires_at', '>', now)
      .returning('hash')
      .executeTakeFirst()
    return row !== undefined
  },
})
