import type { Selectable } from 'kysely'
import type { SubjectTable } from '../schema.ts'
import type { Db } from './database.ts'

export type Subject = Selectable<SubjectTable>

/** Folds a user name for comparison: people do not remember the letter case or the Unicode form that they registered with. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

export const subjects = (db: Db, tenant: string) => ({
  async find(id: string): Promise<Subject | undefined> {
    return db.selectFrom('subjects').selectAll().where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
  },

  /** As `find`, and holds the person until the unit ends: a suspension or a new password comes before it or after it. */
  async hold(id: string): Promise<Subject | undefined> {
    return db
      .updateTable('subjects')
      .set((eb) => ({ status: eb.ref('status') }))
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
  },

  async findByUsername(username: string): Promise<Subject | undefined> {
    return db
      .selectFrom('subjects')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('username_key', '=', usernameKey(username))
      .executeTakeFirst()
  },

  /** The ids of all people and agents that are kept out. */
  async suspended(): Promise<ReadonlySet<string>> {
    const rows = await db
      .selectFrom('subjects')
      .select('id')
      .where('tenant', '=', tenant)
      .where('status', '=', 'suspended')
      .execute()
    return new Set(rows.map(({ id }) => id))
  },

  /** The roles that a subject holds, its own and those of its groups. */
  async roles(id: string): Promise<readonly string[]> {
    const own = db
      .selectFrom('subject_roles')
      .select('role_id')
      .where('tenant', '=', tenant)
      .where('subject_id', '=', id)
    const inherited = db
      .selectFrom('group_members')
      .innerJoin('group_roles', (join) =>
        join
          .onRef('group_roles.tenant', '=', 'group_members.tenant')
          .onRef('group_roles.group_id', '=', 'group_members.group_id'),
      )
      .select('group_roles.role_id')
      .where('group_members.tenant', '=', tenant)
      .where('group_members.subject_id', '=', id)
    const rows = await own.union(inherited).execute()
    return rows.map((row) => row.role_id).sort()
  },

  /** The scopes of one MCP server that the given roles hold. */
  async scopesOfRoles(roles: readonly string[], serverId: string): Promise<readonly string[]> {
    if (roles.length === 0) return []
    const rows = await db
      .selectFrom('role_scopes')
      .select('scope')
      .distinct()
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .where('role_id', 'in', roles)
      .execute()
    return rows.map((row) => row.scope)
  },
})
