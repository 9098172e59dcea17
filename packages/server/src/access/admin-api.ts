import { intersectScopes, sameResource, scopeClosure } from '@permitry/oauth'
import type { InTenant } from '../store/in-tenant.ts'

/** The admin API as the MCP servers are kept: a row with scopes, which roles hold and clients are authorized for (docs/adr/0013). */
export const ADMIN_SERVER = 'permitry'
/** Only a name: nobody gets a token by it. */
export const ADMIN_IDENTIFIER = 'urn:permitry:admin'
/** The client that the console's backend is. */
export const CONSOLE_CLIENT = 'permitry-console'
export const OWNER_ROLE = 'permitry-owner'

/** What may be administered, area by area. */
export const ADMIN_SCOPES = [
  'servers:read',
  'servers:write',
  'roles:read',
  'roles:write',
  'people:read',
  'people:write',
  'clients:read',
  'clients:write',
  'grants:read',
  'grants:write',
  'audit:read',
  'system:read',
  'system:write',
] as const
export type AdminScope = (typeof ADMIN_SCOPES)[number]

/** Who may write in an area may read there. */
export const ADMIN_HIERARCHY: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ADMIN_SCOPES.map((scope) => [scope, scope.endsWith(':write') ? [scope.replace(/write$/, 'read')] : []]),
)

/** The audience of the admin API: a closed resource, which stands in no list, is never a default and nobody's to register. */
export function adminAudience(issuer: string): string {
  return `${issuer}/admin`
}

export function isAdminApi(issuer: string, resource: string): boolean {
  return sameResource(resource, adminAudience(issuer))
}

/** Whether an id is kept for what is built in, today or later. */
export function isReserved(id: string): boolean {
  return id === ADMIN_SERVER || id.startsWith(`${ADMIN_SERVER}-`)
}

/** Admin scopes with everything that they imply, in the order of `ADMIN_SCOPES`. */
export function closeAdminScopes(scopes: readonly string[]): readonly AdminScope[] {
  const closed = scopeClosure(scopes, ADMIN_HIERARCHY)
  return ADMIN_SCOPES.filter((scope) => closed.includes(scope))
}

/** The admin scopes that a person or an agent holds by its roles at this moment; none for whoever is not there or suspended. */
export async function heldAdminScopes(t: InTenant, subjectId: string): Promise<readonly AdminScope[]> {
  const subject = await t.subjects.find(subjectId)
  if (subject?.status !== 'active') return []
  const roles = await t.subjects.roles(subjectId)
  return closeAdminScopes(intersectScopes(ADMIN_SCOPES, await t.subjects.scopesOfRoles(roles, ADMIN_SERVER)))
}
