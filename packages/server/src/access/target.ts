import { err, intersectScopes, ok, type Result, sameResource } from '@permitry/oauth'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Server } from '../store/repositories/servers.ts'
import { ADMIN_SERVER, adminAudience, isAdminApi } from './admin-api.ts'
import { isGuardApi } from './guard-api.ts'

/** Scopes about the person rather than about an MCP server (OIDC Core §5.4, §11). `offline_access` is accepted and never required. */
export const IDENTITY_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access']

/** What an authorization is for: one audience, and the scopes that were asked for there. */
export interface Target {
  /** Undefined when only identity scopes were asked for: then the audience is the issuer. */
  readonly server: Server | undefined
  readonly audience: string
  /** Scopes of the MCP server, as requested or its defaults; not yet reduced by client, roles or consent. */
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
}

export type TargetFailure =
  | { readonly reason: 'several_resources' }
  | { readonly reason: 'resource_unknown'; readonly resource: string }
  | { readonly reason: 'client_not_authorized'; readonly resource: string }
  | { readonly reason: 'resource_ambiguous' }
  | { readonly reason: 'scope_unknown'; readonly scopes: readonly string[] }

interface Asked {
  readonly resources: readonly string[]
  readonly scopes: readonly string[] | undefined
}

/**
 * Resolves `resource` and `scope` to one MCP server (RFC 8707 §2, design: an authorization request). Without a resource
 * the audience is the issuer for identity scopes alone, else the one server that owns all the scopes, else the client's
 * only server. One token, one MCP server.
 */
export async function resolveTarget(
  t: InTenant,
  issuer: string,
  client: Client,
  asked: Asked,
): Promise<Result<Target, TargetFailure>> {
  const identityScopes = intersectScopes(asked.scopes ?? [], IDENTITY_SCOPES)
  const scopes = (asked.scopes ?? []).filter((scope) => !IDENTITY_SCOPES.includes(scope))
  const [resource, ...more] = asked.resources
  // One resource sent twice is one resource: Codex appends the one that its user configured to the one it found itself.
  if (more.some((other) => !sameResource(other, resource ?? ''))) return err({ reason: 'several_resources' })

  const authorized = await t.clients.servers(client.id)
  const issuerTarget = { server: undefined, audience: issuer, scopes: [], identityScopes }
  if (resource === issuer || (resource === undefined && scopes.length === 0 && identityScopes.includes('openid'))) {
    return scopes.length > 0 ? err({ reason: 'scope_unknown', scopes }) : ok(issuerTarget)
  }

  const named =
    resource === undefined
      ? await withoutResource(t, [...authorized.keys()], scopes)
      : await byResource(t, issuer, resource)
  if (!named || isClosed(issuer, named))
    return err(resource === undefined ? { reason: 'resource_ambiguous' } : { reason: 'resource_unknown', resource })
  const server = await t.servers.find(named.serverId)
  if (!server?.active) return err({ reason: 'resource_unknown', resource: resource ?? named.audience })
  if (!authorized.has(server.id)) return err({ reason: 'client_not_authorized', resource: named.audience })

  const unknown = scopes.filter((scope) => !server.scopes.some(({ name }) => name === scope))
  if (unknown.length > 0) return err({ reason: 'scope_unknown', scopes: unknown })
  return ok({
    server,
    audience: named.audience,
    scopes: scopes.length > 0 ? scopes : server.defaultScopes,
    identityScopes,
  })
}

interface Named {
  readonly serverId: string
  readonly audience: string
}

async function byResource(t: InTenant, issuer: string, resource: string): Promise<Named | undefined> {
  if (isAdminApi(issuer, resource)) return { serverId: ADMIN_SERVER, audience: adminAudience(issuer) }
  return t.servers.findByResource(resource)
}

/** Whatever an MCP server calls itself, its tokens are none for an API of ours; and the admin API has one name only. */
function isClosed(issuer: string, { serverId, audience }: Named): boolean {
  return isGuardApi(issuer, audience) || (serverId === ADMIN_SERVER) !== isAdminApi(issuer, audience)
}

async function withoutResource(
  t: InTenant,
  serverIds: readonly string[],
  scopes: readonly string[],
): Promise<Named | undefined> {
  const owners: Server[] = []
  for (const id of serverIds) {
    if (id === ADMIN_SERVER) continue
    const server = await t.servers.find(id)
    if (server?.active && scopes.every((scope) => server.scopes.some(({ name }) => name === scope))) owners.push(server)
  }
  const [only, ...others] = owners
  return only && others.length === 0 ? { serverId: only.id, audience: only.identifier } : undefined
}
