import type { Db } from './database.ts'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly epoch: number
  readonly active: boolean
}

/** Whose tokens are revoked from an epoch on. */
export type Revoked =
  | { readonly subjectId: string }
  | { readonly familyId: string }
  | { readonly clientId: string }
  | { readonly everybody: true }

/** What of a token can be revoked. */
export interface TokenNames {
  readonly subjectId: string
  readonly familyId: string | undefined
  readonly clientId: string
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

  /** Raises the epoch and tells every guard to refuse older tokens of a subject, family or client, or of everybody. */
  revoke(revoked: Revoked, id: string, now: number): Promise<number> {
    return revokeEach(db, tenant, [{ ...revoked, id }], now)
  },

  /** The epoch below which tokens with these names are refused; 0 when none of them was revoked as long as a token lives. */
  async revokedBelow({ subjectId, familyId, clientId }: TokenNames): Promise<number> {
    const row = await db
      .selectFrom('revocations')
      .select(({ fn }) => fn.max('epoch').as('epoch'))
      .where('tenant', '=', tenant)
      .where((eb) =>
        eb.or([
          eb('subject_id', '=', subjectId),
          eb('client_id', '=', clientId),
          ...(familyId === undefined ? [] : [eb('family_id', '=', familyId)]),
          // For everybody.
          eb.and([eb('subject_id', 'is', null), eb('family_id', 'is', null), eb('client_id', 'is', null)]),
        ]),
      )
      .executeTakeFirst()
    return Number(row?.epoch ?? 0)
  },

  /** As `revoke`, for many at once under one epoch. */
  revokeEach(revoked: readonly (Revoked & { readonly id: string })[], now: number): Promise<number> {
    return revokeEach(db, tenant, revoked, now)
  },
})

/** Keeps one statement below the number of parameters that SQLite takes. */
const ROWS_PER_INSERT = 1000

async function revokeEach(
  db: Db,
  tenant: string,
  revoked: readonly (Revoked & { readonly id: string })[],
  now: number,
): Promise<number> {
  const { epoch } = await db
    .updateTable('tenants')
    .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
    .where('id', '=', tenant)
    .returning('epoch')
    .executeTakeFirstOrThrow()
  const rows = revoked.map((one) => ({
    tenant,
    id: one.id,
    epoch,
    subject_id: 'subjectId' in one ? one.subjectId : null,
    family_id: 'familyId' in one ? one.familyId : null,
    client_id: 'clientId' in one ? one.clientId : null,
    created_at: now,
  }))
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
    await db
      .insertInto('revocations')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute()
  return epoch
}
