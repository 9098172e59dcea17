import { isReserved } from '../access/admin-api.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { CommandFailure, Kind } from './failure.ts'

/** Says that a server, role or client is not an operator's to define: it is built in, or could be one day. */
export function checkOwnId(kind: Kind, id: string): CommandFailure | undefined {
  return isReserved(id) ? { reason: 'built_in', kind, id } : undefined
}

/** Says which of the named roles does not exist. */
export async function checkRoles({ roles }: InTenant, ids: readonly string[]): Promise<CommandFailure | undefined> {
  for (const id of ids) if (!(await roles.find(id))) return { reason: 'unknown', kind: 'role', id }
  return undefined
}

/** Says which of the named groups does not exist. */
export async function checkGroups({ groups }: InTenant, ids: readonly string[]): Promise<CommandFailure | undefined> {
  for (const id of ids) if (!(await groups.find(id))) return { reason: 'unknown', kind: 'group', id }
  return undefined
}

/** Says which of the named MCP servers, or which of their scopes, does not exist. */
export async function checkScopes(
  { serverDefinitions }: InTenant,
  scopes: Readonly<Record<string, 'all' | readonly string[]>>,
): Promise<CommandFailure | undefined> {
  for (const [serverId, names] of Object.entries(scopes)) {
    const server = await serverDefinitions.find(serverId)
    if (!server) return { reason: 'unknown', kind: 'server', id: serverId }
    const defined = new Set(server.scopes.map(({ name }) => name))
    const missing = names === 'all' ? undefined : names.find((name) => !defined.has(name))
    if (missing !== undefined) return { reason: 'unknown', kind: 'scope', id: missing }
  }
  return undefined
}
