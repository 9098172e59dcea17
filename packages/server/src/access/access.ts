import { intersectScopes, scopeClosure } from '@permitry/oauth'
import type { InTenant } from '../store/in-tenant.ts'
import type { Server } from '../store/repositories/servers.ts'

/**
 * What a person may do through a client at an MCP server, before consent. Dispatch, minting and refresh all ask here,
 * and nowhere else are scopes computed (design: permission of one tool call).
 */
export interface Access {
  /** client ∩ roles, closed over what scopes imply: what this person could still get (RFC 9068 §2.2.3.1). */
  readonly entitlements: readonly string[]
  readonly roles: readonly string[]
  /** Server scopes that the person's roles hold, whatever the client. */
  readonly roleScopes: readonly string[]
  /** Server scopes that the client may ask for, whoever the person is. */
  readonly clientScopes: readonly string[]
}

/** Reads roles and the client's authorization as they are now; a server or a client that is missing gives nothing. */
export async function readAccess(t: InTenant, subjectId: string, clientId: string, server: Server): Promise<Access> {
  const roles = await t.subjects.roles(subjectId)
  const all = server.scopes.map(({ name }) => name)
  const roleScopes = intersectScopes(
    all,
    scopeClosure(await t.subjects.scopesOfRoles(roles, server.id), server.hierarchy),
  )
  const mayAsk = (await t.clients.servers(clientId)).get(server.id) ?? []
  const clientScopes = mayAsk === 'all' ? all : scopeClosure(mayAsk, server.hierarchy)
  return { roles, roleScopes, clientScopes, entitlements: intersectScopes(roleScopes, clientScopes) }
}

/** What a token carries: family ∩ grant ∩ client ∩ roles, of what was asked for (design: mint). */
export function scopesOfToken(
  { entitlements }: Access,
  { family, grant, requested = family }: Answered,
): readonly string[] {
  return intersectScopes(intersectScopes(requested, intersectScopes(family, grant)), entitlements)
}

interface Answered {
  /** Scopes as they were issued. */
  readonly family: readonly string[]
  readonly grant: readonly string[]
  readonly requested?: readonly string[] | undefined
}

export interface Division {
  readonly granted: readonly string[]
  /** Left out because no role of the person holds them. */
  readonly withheld: readonly string[]
}

/** Divides requested scopes into those that the person can get and those that the roles withhold; what the client may not ask for is dropped. */
export function divide(requested: readonly string[], access: Access): Division {
  return {
    granted: intersectScopes(requested, access.entitlements),
    withheld: requested.filter((scope) => !access.roleScopes.includes(scope)),
  }
}
