import type { Db } from './database.ts'

/** What `apply` made, and therefore may remove again. */
export interface Declaration {
  readonly kind: 'server' | 'role' | 'group' | 'user' | 'client'
  readonly id: string
}

export const declarations = (db: Db, tenant: string) => ({
  async all(): Promise<Declaration[]> {
    const rows = await db
      .selectFrom('declared')
      .select(['kind', 'id'])
      .where('tenant', '=', tenant)
      .orderBy('kind')
      .orderBy('id')
      .execute()
    return rows as Declaration[]
  },

  /** Whether the configuration says what it is: a change elsewhere would be set back by the next `apply`. */
  async has({ kind, id }: Declaration): Promise<boolean> {
    const row = await db
      .selectFrom('declared')
      .select('id')
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('id', '=', id)
      .executeTakeFirst()
    return row !== undefined
  },

  async add({ kind, id }: Declaration): Promise<void> {
    await db
      .insertInto('declared')
      .values({ tenant, kind, id })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },

  async remove({ kind, id }: Declaration): Promise<void> {
    await db.deleteFrom('declared').where('tenant', '=', tenant).where('kind', '=', kind).where('id', '=', id).execute()
  },
})
