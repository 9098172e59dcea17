import { type Db, list } from './database.ts'

/** Somebody or something through which scopes of a server can be had, and everything about it that a change could touch. */
export interface Power {
  readonly scopes: readonly string[]
  /** Equal as long as nothing about it was changed. */
  readonly state: string
}

/**
 * Every role, group, subject and client that gives scopes of one MCP server, each under its kind and id. Read before and after
 * a change, it tells whose power was touched by whatever way there is.
 */
export const powers = (db: Db, tenant: string) => ({
  async at(serverId: string): Promise<ReadonlyMap<string, Power>> {
    const found = new Map<string, Power>()
    const roles = await db
      .selectFrom('role_scopes')
      .select(['role_id', 'scope'])
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .orderBy('scope')
      .execute()
    const scopesOf = Map.groupBy(roles, ({ role_id }) => role_id)
    const roleIds = [...scopesOf.keys()]
    if (roleIds.length > 0) {
      const givenBy = (held: readonly string[]) =>
        [...new Set(held.flatMap((role) => scopesOf.get(role) ?? []).map(({ scope }) => scope))].toSorted()
      for (const [id, state] of await rolesAsTheyAre(db, tenant, roleIds))
        found.set(`role ${id}`, { scopes: givenBy([id]), state })
      for (const [id, { held, state }] of await groupsWith(db, tenant, roleIds))
        found.set(`group ${id}`, { scopes: givenBy(held), state })
      for (const [id, { held, state }] of await subjectsWith(db, tenant, roleIds))
        found.set(`subject ${id}`, { scopes: givenBy(held), state })
    }
    for (const [id, power] of await clientsFor(db, tenant, serverId)) found.set(`client ${id}`, power)
    return found
  },
})

interface Holder {
  readonly held: readonly string[]
  readonly state: string
}

async function rolesAsTheyAre(db: Db, tenant: string, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.selectFrom('roles').selectAll().where('tenant', '=', tenant).where('id', 'in', ids).execute()
  const scopes = await db
    .selectFrom('role_scopes')
    .select(['role_id', 'server_id', 'scope'])
    .where('tenant', '=', tenant)
    .where('role_id', 'in', ids)
    .orderBy('server_id')
    .orderBy('scope')
    .execute()
  return new Map(rows.map((row) => [row.id, stateOf(row, of(scopes, 'role_id', row.id))]))
}

async function groupsWith(db: Db, tenant: string, roleIds: readonly string[]): Promise<Map<string, Holder>> {
  const withRole = db
    .selectFrom('group_roles')
    .select('group_id')
    .where('tenant', '=', tenant)
    .where('role_id', 'in', roleIds)
  const rows = await db
    .selectFrom('groups')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', 'in', withRole)
    .execute()
  const roles = await db
    .selectFrom('group_roles')
    .select(['group_id', 'role_id'])
    .where('tenant', '=', tenant)
    .where('group_id', 'in', withRole)
    .orderBy('role_id')
    .execute()
  return new Map(
    rows.map((row) => {
      const held = of(roles, 'group_id', row.id)
      return [row.id, { held: held.map(({ role_id }) => role_id), state: stateOf(row, held) }]
    }),
  )
}

/** With their logins, consents and answered authorizations, so far as these live: to end one is to act on the person. */
async function subjectsWith(db: Db, tenant: string, roleIds: readonly string[]): Promise<Map<string, Holder>> {
  const all = await rolesBySubject(db, tenant, roleIds)
  const ids = [...new Set(all.map(({ subject_id }) => subject_id))]
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('subjects').selectAll().where('tenant', '=', tenant).where('id', 'in', ids).execute()
  const own = await db
    .selectFrom('subject_roles')
    .select(['subject_id', 'role_id'])
    .where('tenant', '=', tenant)
    .where('subject_id', 'in', ids)
    .orderBy('role_id')
    .execute()
  const groups = await db
    .selectFrom('group_members')
    .select(['subject_id', 'group_id'])
    .where('tenant', '=', tenant)
    .where('subject_id', 'in', ids)
    .orderBy('group_id')
    .execute()
  const living = await Promise.all(
    (['sessions', 'grants', 'families'] as const).map((table) =>
      db
        .selectFrom(table)
        .select(['subject_id', 'id'])
        .where('tenant', '=', tenant)
        .where('subject_id', 'in', ids)
        .where('ended_at', 'is', null)
        .orderBy('id')
        .execute(),
    ),
  )
  return new Map(
    rows.map((row) => {
      const parts = [own, groups, ...living].map((some) =>
        of<{ readonly subject_id: string }>(some, 'subject_id', row.id),
      )
      return [row.id, { held: of(all, 'subject_id', row.id).map(({ role_id }) => role_id), state: stateOf(row, parts) }]
    }),
  )
}

/** Who holds one of the roles, by itself or through a group. */
function rolesBySubject(db: Db, tenant: string, roleIds: readonly string[]) {
  const own = db
    .selectFrom('subject_roles')
    .select(['subject_id', 'role_id'])
    .where('tenant', '=', tenant)
    .where('role_id', 'in', roleIds)
  const throughGroups = db
    .selectFrom('group_roles')
    .innerJoin('group_members', (join) =>
      join
        .onRef('group_members.tenant', '=', 'group_roles.tenant')
        .onRef('group_members.group_id', '=', 'group_roles.group_id'),
    )
    .select(['group_members.subject_id', 'group_roles.role_id'])
    .where('group_roles.tenant', '=', tenant)
    .where('group_roles.role_id', 'in', roleIds)
  return own.union(throughGroups).execute()
}

async function clientsFor(db: Db, tenant: string, serverId: string): Promise<Map<string, Power>> {
  const authorized = db
    .selectFrom('client_servers')
    .select('client_id')
    .where('tenant', '=', tenant)
    .where('server_id', '=', serverId)
  const rows = await db
    .selectFrom('clients')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', 'in', authorized)
    .execute()
  const servers = await db
    .selectFrom('client_servers')
    .select(['client_id', 'server_id', 'scopes'])
    .where('tenant', '=', tenant)
    .where('client_id', 'in', authorized)
    .orderBy('server_id')
    .execute()
  const scopes = await db
    .selectFrom('scopes')
    .select('name')
    .where('tenant', '=', tenant)
    .where('server_id', '=', serverId)
    .orderBy('name')
    .execute()
  const toList = (json: string): readonly string[] => (json === '"all"' ? scopes.map(({ name }) => name) : list(json))
  return new Map(
    rows.map((row) => {
      const own = of(servers, 'client_id', row.id)
      const asked = own.filter(({ server_id }) => server_id === serverId).flatMap((one) => toList(one.scopes))
      return [row.id, { scopes: asked, state: stateOf(row, own) }]
    }),
  )
}

function of<Row extends object>(rows: readonly Row[], column: keyof Row, id: string): Row[] {
  return rows.filter((row) => row[column] === id)
}

/** `updated_at` says nothing of its own. */
function stateOf(row: object, parts: readonly unknown[]): string {
  return JSON.stringify([{ ...row, updated_at: undefined }, parts])
}
