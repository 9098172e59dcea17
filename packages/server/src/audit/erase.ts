import type { Db } from '../store/repositories/database.ts'

/**
 * Destroys a person's salt and with it the clear text of every event: what stays in the chain are commitments that nobody can
 * check a guess against. True when there was one. `person` is a subject id, or `nobody:2026-11-24` for what was noted of
 * unknown people on that day. Does not reach copies of the database; telling of the erasure is the caller's.
 */
export async function destroySalt(db: Db, tenant: string, person: string): Promise<boolean> {
  const result = await db
    .deleteFrom('audit_persons')
    .where('tenant', '=', tenant)
    .where('id', '=', person)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}
