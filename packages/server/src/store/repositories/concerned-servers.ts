import { clients } from './clients.ts'
import type { Db } from './database.ts'
import type { Revoked } from './revocations.ts'

/**
 * Finds the MCP servers that must hear of revocations: of a person or an agent those at which a role holds a scope, of a client
 * those that it may ask for, of all three those of their families. Who may get a token for a server is told of there, whether
 * or not one was issued, because a token that is minted at this moment must not escape; nobody else is.
 *
 * To be asked in the revoking unit, before whatever is revoked is removed.
 */
export async function concernedServers(
  db: Db,
  tenant: string,
  revoked: readonly Revoked[],
): Promise<(one: Revoked) => readonly string[] | null> {
  const found = new Map<string, Set<string>>()
  const add = (kind: string, id: string, serverId: string): void => {
    // A family with identity scopes only is for the issuer, where no guard stands.
    if (serverId === '') return
    const key = `${kind} ${id}`
    found.set(key, (found.get(key) ?? new Set()).add(serverId))
  }
  const subjects = revoked.flatMap((one) => ('subjectId' in one ? one.subjectId : []))
  const families = revoked.flatMap((one) => ('familyId' in one ? one.familyId : []))
  const clientIds = revoked.flatMap((one) => ('clientId' in one ? one.clientId : []))
  for (const { id, server_id } of await ofRoles(db, tenant, subjects)) add('subject', id, server_id)
  for (const { id, server_id } of await ofFamilies(db, tenant, 'subject_id', subjects)) add('subject', id, server_id)
  for (const { id, server_id } of await ofFamilies(db, tenant, 'id', families)) add('family', id, server_id)
  for (const { id, server_id } of await ofFamilies(db, tenant, 'client_id', clientIds)) add('client', id, server_id)
  for (const id of clientIds)
    for (const serverId of (await clients(db, tenant).servers(id)).keys()) add('client', id, serverId)

  return (one) => {
    if ('everybody' in one) return null
    const key =
      'subjectId' in one
        ? `subject ${one.subjectId}`
        : 'familyId' in one
          ? `family ${one.familyId}`
          : `client ${one.clientId}`
    return [...(found.get(key) ?? [])].toSorted()
  }
}

type Concern = { readonly id: string; readonly server_id: string }

async function ofRoles(db: Db, tenant: string, subjectIds: readonly string[]): Promise<Concern[]> {
  if (subjectIds.length === 0) return []
  const own = db
    .selectFrom('subject_roles')
    .innerJoin('role_scopes', (join) =>
      join
        .onRef('role_scopes.tenant', '=', 'subject_roles.tenant')
        .onRef('role_scopes.role_id', '=', 'subject_roles.role_id'),
    )
    .select(['subject_roles.subject_id as id', 'role_scopes.server_id as server_id'])
    .where('subject_roles.tenant', '=', tenant)
    .where('subject_roles.subject_id', 'in', subjectIds)
  const throughGroups = db
    .selectFrom('group_members')
    .innerJoin('group_roles', (join) =>
      join
        .onRef('group_roles.tenant', '=', 'group_members.tenant')
        .onRef('group_roles.group_id', '=', 'group_members.group_id'),
    )
    .innerJoin('role_scopes', (join) =>
      join
        .onRef('role_scopes.tenant', '=', 'group_roles.tenant')
        .onRef('role_scopes.role_id', '=', 'group_roles.role_id'),
    )
    .select(['group_members.subject_id as id', 'role_scopes.server_id as server_id'])
    .where('group_members.tenant', '=', tenant)
    .where('group_members.subject_id', 'in', subjectIds)
  return own.union(throughGroups).execute()
}

function ofFamilies(
  db: Db,
  tenant: string,
  column: 'id' | 'subject_id' | 'client_id',
  ids: readonly string[],
): Promise<Concern[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .selectFrom('families')
    .select([`${column} as id`, 'server_id'])
    .distinct()
    .where('tenant', '=', tenant)
    .where(column, 'in', ids)
    .execute()
}
