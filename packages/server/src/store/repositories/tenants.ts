import type { Db } from './database.ts'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly epoch: number
  readonly active: boolean
}

export const tenants = (db: Db, tenant: string) => ({
  /** Makes the tenant unless it is there already. */
  async ensure(name: string, now: number): Promise<void> {
    const row = { id: tenant, name, epoch: 0, status: 'active' as const, created_at: now }
    await db
      .insertInto('tenants')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  },

  /**
   * The tenant with its epoch. A mint reads this before any other fact: a revocation that commits after it leaves the
   * token below the epoch that guards refuse, one that committed before it is seen by the reads that follow.
   */
  async current(): Promise<Tenant | undefined> {
    const row = await db.selectFrom('tenants').selectAll().where('id', '=', tenant).executeTakeFirst()
    return row && { id: row.id, name: row.name, epoch: row.epoch, active: row.status === 'active' }
  },

  async rename(name: string): Promise<void> {
    await db.updateTable('tenants').set({ name }).where('id', '=', tenant).execute()
  },

  /**
   * Takes the tenant's row until the unit commits, so that what operators change in one tenant happens one after the other.
   * False when there is no such tenant.
   */
  async lock(): Promise<boolean> {
    const result = await db
      .updateTable('tenants')
      .set((eb) => ({ epoch: eb.ref('epoch') }))
      .where('id', '=', tenant)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },
})
