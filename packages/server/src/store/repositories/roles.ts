import type { Db } from './database.ts'

/** What a person may be granted: scopes by MCP server. */
export interface Role {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

export const roles = (db: Db, tenant: string) => ({
  all: () => readRoles(db, tenant),

  async find(id: string): Promise<Role | undefined> {
    return (await readRoles(db, tenant, id))[0]
  },

  /** Makes the role, or replaces its name, description and scopes. */
  async put({ id, name, description, scopes }: Role): Promise<void> {
    await db
      .insertInto('roles')
      .values({ tenant, id, name, description })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ name, description }))
      .execute()
    await db.deleteFrom('role_scopes').where('tenant', '=', tenant).where('role_id', '=', id).execute()
    const rows = Object.entries(scopes).flatMap(([server_id, names]) =>
      names.map((scope) => ({ tenant, role_id: id, server_id, scope })),
    )
    if (rows.length > 0) await db.insertInto('role_scopes').values(rows).execute()
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('roles').where('tenant', '=', tenant).where('id', '=', id).execute()
  },

  /** The people who hold any of the roles, by themselves or through a group: whose tokens change with the role. */
  async holders(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const own = db
      .selectFrom('subject_roles')
      .select('subject_id')
      .where('tenant', '=', tenant)
      .where('role_id', 'in', ids)
    const throughGroups = db
      .selectFrom('group_roles')
      .innerJoin('group_members', (join) =>
        join
          .onRef('group_members.tenant', '=', 'group_roles.tenant')
          .onRef('group_members.group_id', '=', 'group_roles.group_id'),
      )
      .select('group_members.subject_id')
      .where('group_roles.tenant', '=', tenant)
      .where('group_roles.role_id', 'in', ids)
    const rows = await own.union(throughGroups).execute()
    return rows.map((row) => row.subject_id).toSorted()
  },
})

async function readRoles(db: Db, tenant: string, id?: string): Promise<Role[]> {
  const roles = db.selectFrom('roles').select(['id', 'name', 'description']).where('tenant', '=', tenant).orderBy('id')
  const scopes = db
    .selectFrom('role_scopes')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('server_id')
    .orderBy('scope')
  const one = id !== undefined
  const of = Map.groupBy(await (one ? scopes.where('role_id', '=', id) : scopes).execute(), (row) => row.role_id)
  const rows = await (one ? roles.where('id', '=', id) : roles).execute()
  return rows.map((row) => ({ ...row, scopes: byServer(of.get(row.id) ?? []) }))
}

function byServer(rows: readonly { server_id: string; scope: string }[]): Record<string, readonly string[]> {
  const scopes: Record<string, string[]> = {}
  for (const { server_id, scope } of rows) (scopes[server_id] ??= []).push(scope)
  return scopes
}
