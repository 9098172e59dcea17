import type { Db } from './database.ts'
import { contains, type ListQuery } from './list-query.ts'
import { type Page, pageOf } from './page.ts'

/** People who hold roles together. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}

export const groups = (db: Db, tenant: string) => ({
  all: () => readGroups(db, tenant),

  async find(id: string): Promise<Group | undefined> {
    return (await readGroups(db, tenant, [id]))[0]
  },

  /** A page in the order of the ids. */
  async page({ containing, behind, most }: ListQuery): Promise<Page<Group>> {
    const rows = await db
      .selectFrom('groups')
      .select('id')
      .where('tenant', '=', tenant)
      .$if(containing !== undefined, (query) => query.where(contains(['id', 'name'], containing ?? '')))
      .$if(behind !== undefined, (query) => query.where('id', '>', String(behind?.[0])))
      .orderBy('id')
      .limit(most + 1)
      .execute()
    const { items, next } = pageOf(rows, most, ({ id }) => [id])
    const ids = items.map(({ id }) => id)
    return { items: await readGroups(db, tenant, ids), next }
  },

  /** A page of the people of a group, in the order of their ids. */
  async memberPage(
    id: string,
    { containing, behind, most }: ListQuery,
  ): Promise<Page<{ id: string; name: string; username: string | null }>> {
    const rows = await db
      .selectFrom('group_members')
      .innerJoin('subjects', (join) =>
        join
          .onRef('subjects.tenant', '=', 'group_members.tenant')
          .onRef('subjects.id', '=', 'group_members.subject_id'),
      )
      .select(['subjects.id', 'subjects.name', 'subjects.username'])
      .where('group_members.tenant', '=', tenant)
      .where('group_members.group_id', '=', id)
      .$if(containing !== undefined, (query) =>
        query.where(contains(['subjects.id', 'subjects.name', 'subjects.username'], containing ?? '')),
      )
      .$if(behind !== undefined, (query) => query.where('subject_id', '>', String(behind?.[0])))
      .orderBy('group_members.subject_id')
      .limit(most + 1)
      .execute()
    return pageOf(rows, most, (member) => [member.id])
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

async function readGroups(db: Db, tenant: string, ids?: readonly string[]): Promise<Group[]> {
  if (ids?.length === 0) return []
  const groups = db.selectFrom('groups').select(['id', 'name']).where('tenant', '=', tenant).orderBy('id')
  const roles = db.selectFrom('group_roles').selectAll().where('tenant', '=', tenant).orderBy('role_id')
  const of = Map.groupBy(await (ids ? roles.where('group_id', 'in', ids) : roles).execute(), (row) => row.group_id)
  const rows = await (ids ? groups.where('id', 'in', ids) : groups).execute()
  return rows.map((row) => ({ ...row, roles: (of.get(row.id) ?? []).map(({ role_id }) => role_id) }))
}
