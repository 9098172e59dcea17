import { isReserved } from '../../access/admin-api.ts'
import { resolveClient } from '../../config/client-templates.ts'
import type { ClientConfig, Config, ServerConfig, UserConfig } from '../../config/schema.ts'
import { sha256 } from '../../keys/secrets.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import type { ClientDefinition } from '../../store/repositories/client-definitions.ts'
import type { Group } from '../../store/repositories/groups.ts'
import type { Role } from '../../store/repositories/roles.ts'
import { byName, type ServerDefinition } from '../../store/repositories/server-definitions.ts'
import type { SubjectDefinition } from '../../store/repositories/subject-definitions.ts'

/** A person, and whether a password is set (in the database) or would be (in the file). */
export type UserDefinition = SubjectDefinition & { readonly hasPassword: boolean }

/** The organisation, by the id of its tenant. */
export interface TenantDefinition {
  readonly id: string
  readonly name: string
}

/** All that a configuration declares, as commands take it and as the database can be read back. */
export interface Definitions {
  /** Empty in a file that says no name: then the name of before stays. */
  readonly tenant: readonly TenantDefinition[]
  readonly server: readonly ServerDefinition[]
  readonly role: readonly Role[]
  readonly group: readonly Group[]
  readonly user: readonly UserDefinition[]
  readonly client: readonly ClientDefinition[]
}

/** What a file wants of a tenant. */
export function desiredDefinitions(config: Config, tenant: string): Definitions {
  return {
    tenant: config.name === undefined ? [] : [{ id: tenant, name: config.name }],
    server: config.servers.map(toServer),
    role: config.roles,
    group: config.groups,
    user: config.users.map(toUser),
    client: config.clients.map(toClient),
  }
}

/** What the database has, without what is built in: that is no file's to say. */
export async function currentDefinitions(t: InTenant): Promise<Definitions> {
  const tenant = await t.tenants.current()
  const made = <D extends { readonly id: string }>(all: readonly D[]) => all.filter(({ id }) => !isReserved(id))
  const servers = await t.serverDefinitions.all()
  return {
    tenant: tenant ? [{ id: tenant.id, name: tenant.name }] : [],
    server: made(servers),
    role: made(await t.roles.all()),
    group: await t.groups.all(),
    user: await t.subjectDefinitions.all(),
    client: made(await t.clientDefinitions.all()).map((client) => withoutGone(client, servers)),
  }
}

/** A client may outlive scopes and MCP servers that it was authorized for; nothing is left of those that a file could name. */
function withoutGone(client: ClientDefinition, servers: readonly ServerDefinition[]): ClientDefinition {
  const scopesOf = new Map(servers.map(({ id, scopes }) => [id, new Set(scopes.map(({ name }) => name))]))
  const kept = Object.entries(client.servers).map(([id, scopes]): [string, 'all' | readonly string[]] => [
    id,
    scopes === 'all' ? scopes : scopes.filter((scope) => scopesOf.get(id)?.has(scope)),
  ])
  return {
    ...client,
    servers: Object.fromEntries(kept),
    guards: client.guards.filter((id) => scopesOf.has(id)),
  }
}

/** An MCP server as commands take it. */
export function toServer(server: ServerConfig): ServerDefinition {
  const { id, identifier, name, urls, claims, access_token_minutes: minutes } = server
  const defaults = new Set(server.default_scopes)
  return {
    id,
    identifier,
    name,
    urls,
    claims,
    accessTokenSeconds: minutes === undefined ? null : minutes * 60,
    dynamicClientScopes: server.dynamic_client_scopes,
    scopes: server.scopes.map((scope) => ({ ...scope, isDefault: defaults.has(scope.name) })),
    tools: server.tools.map((tool) => ({ ...tool, title: tool.title ?? tool.name })).toSorted(byName),
  }
}

/** A person as commands take one. */
export function toUser({
  id,
  username,
  name,
  email,
  roles,
  groups,
  password,
  password_hash,
}: UserConfig): UserDefinition {
  const hasPassword = password !== undefined || password_hash !== undefined
  return { id, username, name, email: email ?? null, roles, groups, hasPassword }
}

/** A client as commands take it. Its combinations have been checked. */
export function toClient(config: ClientConfig): ClientDefinition {
  const client = resolveClient(config)
  return {
    id: client.id,
    name: client.name,
    applicationType: client.type,
    authMethod: client.auth ?? 'none',
    secretHash: client.secret === undefined ? null : sha256(client.secret),
    jwks: client.jwks === undefined ? null : JSON.stringify(client.jwks),
    jwksUri: client.jwks_uri ?? null,
    redirectUris: client.redirect_uris,
    postLogoutRedirectUris: client.post_logout_redirect_uris,
    grantTypes: client.grant_types,
    idTokenAlg: client.id_token_alg,
    dpopBound: client.dpop === 'required',
    servers: client.servers,
    guards: client.guards,
    agent: client.grant_types.includes('client_credentials')
      ? { roles: client.roles ?? [], owner: client.owner ?? null }
      : null,
  }
}
