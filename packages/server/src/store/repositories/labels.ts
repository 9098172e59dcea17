import type { Db } from './database.ts'

/** What people call things, by id. */
export type Names = ReadonlyMap<string, string>

/** The names of some people, clients and MCP servers; who or what is gone has none. */
export const labels = (db: Db, tenant: string) => ({
  subjects: (ids: readonly string[]) => namesIn(db, tenant, 'subjects', ids),
  clients: (ids: readonly string[]) => namesIn(db, tenant, 'clients', ids),
  servers: (ids: readonly string[]) => namesIn(db, tenant, 'servers', ids),
})

async function namesIn(
  db: Db,
  tenant: string,
  table: 'subjects' | 'clients' | 'servers',
  ids: readonly string[],
): Promise<Names> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom(table)
    .select(['id', 'name'])
    .where('tenant', '=', tenant)
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}
