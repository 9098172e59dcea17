import type { Db } from './database.ts'

/** People who hold roles together. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}

export const groups = (db: Db, tenant: string) => ({
  all: () => readGroups(db, tenant),

  async find(id: string): Promise<Group | undefined> {
    return (await readGroups(db, tenant, id))[0]
  },

  /** Makes the group, or replaces its name and roles; its members stay. */
  async put({ id, name, roles }: Group): Promise<void> {
    await db
      .insertInto('groups')
      .values({ tenant, id, name })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet({ name }))
      .execute()
    await db.deleteFrom('group_roles').where('tenant', '=', tenant).where('group_id', '=', id).execute()
    const rows = roles.map((role_id) => ({ tenant, group_id: id, role_id }))
    if (rows.length > 0) await db.insertInto('group_roles').values(rows).execute()
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('groups').where('tenant', '=', tenant).where('id', '=', id).execute()
  },

  async members(id: string): Promise<string[]> {
    const rows = await db
      .selectFrom('group_members')
      .select('subject_id')
      .where('tenant', '=', tenant)
      .where('group_id', '=', id)
      .orderBy('subject_id')
      .execute()
    return rows.map((row) => row.subject_id)
  },
})

async function readGroups(db: Db, tenant: string, id?: string): Promise<Group[]> {
  const groups = db.selectFrom('groups').select(['id', 'name']).where('tenant', '=', tenant).orderBy('id')
  const roles = db.selectFrom('group_roles').selectAll().where('tenant', '=', tenant).orderBy('role_id')
  const one = id !== undefined
  const of = Map.groupBy(await (one ? roles.where('group_id', '=', id) : roles).execute(), (row) => row.group_id)
  const rows = await (one ? groups.where('id', '=', id) : groups).execute()
  return rows.map((row) => ({ ...row, roles: (of.get(row.id) ?? []).map(({ role_id }) => role_id) }))
}
