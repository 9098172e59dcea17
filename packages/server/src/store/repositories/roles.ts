import { sql } from 'kysely'
import type { Db } from './database.ts'
import { contains, type ListQuery } from './list-query.ts'
import { type Page, pageOf } from './page.ts'

/** What a person may be granted: scopes by MCP server. */
export interface Role {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

/** Somebody or a group that holds a role directly. */
export interface RoleHolder {
  readonly kind: 'person' | 'agent' | 'group'
  readonly id: string
  readonly name: string
}

export const roles = (db: Db, tenant: string) => ({
  all: () => readRoles(db, tenant),

  async find(id: string): Promise<Role | undefined> {
    return (await readRoles(db, tenant, [id]))[0]
  },

  /** A page in the order of the ids. */
  async page({ containing, behind, most }: ListQuery): Promise<Page<Role>> {
    const rows = await db
      .selectFrom('roles')
      .select('id')
      .where('tenant', '=', tenant)
      .$if(containing !== undefined, (query) => query.where(contains(['id', 'name'], containing ?? '')))
      .$if(behind !== undefined, (query) => query.where('id', '>', String(behind?.[0])))
      .orderBy('id')
      .limit(most + 1)
      .execute()
    const { items, next } = pageOf(rows, most, ({ id }) => [id])
    const ids = items.map(({ id }) => id)
    return { items: await readRoles(db, tenant, ids), next }
  },

  /** A page of those who hold a role directly: agents, then groups, then people. */
  async holderPage(id: string, { containing, behind, most }: ListQuery): Promise<Page<RoleHolder>> {
    const groups = db
      .selectFrom('group_roles')
      .innerJoin('groups', (join) =>
        join.onRef('groups.tenant', '=', 'group_roles.tenant').onRef('groups.id', '=', 'group_roles.group_id'),
      )
      .select(['groups.id', 'groups.name', sql<RoleHolder['kind']>`'group'`.as('kind')])
      .where('group_roles.tenant', '=', tenant)
      .where('group_roles.role_id', '=', id)
    const subjects = db
      .selectFrom('subject_roles')
      .innerJoin('subjects', (join) =>
        join
          .onRef('subjects.tenant', '=', 'subject_roles.tenant')
          .onRef('subjects.id', '=', 'subject_roles.subject_id'),
      )
      .select(['subjects.id', 'subjects.name', 'subjects.kind'])
      .where('subject_roles.tenant', '=', tenant)
      .where('subject_roles.role_id', '=', id)
    const rows = await db
      .selectFrom(groups.unionAll(subjects).as('holders'))
      .selectAll()
      .$if(containing !== undefined, (query) => query.where(contains(['id', 'name'], containing ?? '')))
      .$if(behind !== undefined, (query) =>
        query.where((eb) => eb(eb.refTuple('kind', 'id'), '>', eb.tuple(behind?.[0] as 'group', String(behind?.[1])))),
      )
      .orderBy('kind')
      .orderBy('id')
      .limit(most + 1)
      .execute()
    const holders = rows.map(({ kind, id, name }) => ({ kind, id, name }))
    return pageOf(holders, most, (holder) => [holder.kind, holder.id])
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

async function readRoles(db: Db, tenant: string, ids?: readonly string[]): Promise<Role[]> {
  if (ids?.length === 0) return []
  const roles = db.selectFrom('roles').select(['id', 'name', 'description']).where('tenant', '=', tenant).orderBy('id')
  const scopes = db
    .selectFrom('role_scopes')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('server_id')
    .orderBy('scope')
  const of = Map.groupBy(await (ids ? scopes.where('role_id', 'in', ids) : scopes).execute(), (row) => row.role_id)
  const rows = await (ids ? roles.where('id', 'in', ids) : roles).execute()
  return rows.map((row) => ({ ...row, scopes: byServer(of.get(row.id) ?? []) }))
}

function byServer(rows: readonly { server_id: string; scope: string }[]): Record<string, readonly string[]> {
  const scopes: Record<string, string[]> = {}
  for (const { server_id, scope } of rows) (scopes[server_id] ??= []).push(scope)
  return scopes
}
