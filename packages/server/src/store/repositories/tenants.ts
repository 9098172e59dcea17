import type { Db } from './database.ts'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly epoch: number
  readonly active: boolean
}

/** What is revoked from an epoch on; exactly one of the three is named. */
export type Revoked = { readonly subjectId: string } | { readonly familyId: string } | { readonly clientId: string }

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

  /** Raises the epoch and tells every guard to refuse older tokens of a subject, family or client. */
  async revoke(revoked: Revoked, id: string, now: number): Promise<number> {
    const { epoch } = await db
      .updateTable('tenants')
      .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
      .where('id', '=', tenant)
      .returning('epoch')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('revocations')
      .values({
        tenant,
        id,
        epoch,
        subject_id: 'subjectId' in revoked ? revoked.subjectId : null,
        family_id: 'familyId' in revoked ? revoked.familyId : null,
        client_id: 'clientId' in revoked ? revoked.clientId : null,
        created_at: now,
      })
      .execute()
    return epoch
  },
})
