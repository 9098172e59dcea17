import { canonicalResource, parseResource } from '@permitry/oauth'
import { type Db, list } from './database.ts'

/** An MCP server: the resource that tokens are for. `hierarchy` maps a scope to the scopes it implies. */
export interface Server {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly claims: readonly string[]
  readonly accessTokenSeconds: number | null
  readonly catalogueVersion: number
  readonly active: boolean
  readonly scopes: readonly Scope[]
  readonly hierarchy: Readonly<Record<string, readonly string[]>>
  readonly defaultScopes: readonly string[]
}

interface Scope {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly risk: 'read' | 'write' | 'destructive'
}

/** A tool of the imported catalogue, with the scopes that one call needs. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly scopes: readonly string[]
}

export const servers = (db: Db, tenant: string) => ({
  async find(id: string): Promise<Server | undefined> {
    const row = await db
      .selectFrom('servers')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    const scopes = await db
      .selectFrom('scopes')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('server_id', '=', id)
      .orderBy('position')
      .execute()
    return {
      id: row.id,
      identifier: row.identifier,
      name: row.name,
      claims: list(row.claims),
      accessTokenSeconds: row.access_token_seconds,
      catalogueVersion: row.catalogue_version,
      active: row.status === 'active',
      scopes: scopes.map(({ name, title, description, risk }) => ({ name, title, description, risk })),
      hierarchy: Object.fromEntries(scopes.map((scope) => [scope.name, list(scope.implies)])),
      defaultScopes: scopes.filter((scope) => scope.is_default === 1).map((scope) => scope.name),
    }
  },

  /** Finds the server that a `resource` names, by any of its names, with the registered spelling that matched (RFC 8707 §2). */
  async findByResource(resource: string): Promise<{ serverId: string; audience: string } | undefined> {
    if (!parseResource(resource).ok) return undefined
    const row = await db
      .selectFrom('server_names')
      .select(['server_id', 'name'])
      .where('tenant', '=', tenant)
      .where('name_key', '=', canonicalResource(resource))
      .executeTakeFirst()
    return row && { serverId: row.server_id, audience: row.name }
  },

  /** The web addresses of all active servers: what RFC 9728 §4 lets an authorization server list. */
  async urls(): Promise<readonly string[]> {
    const rows = await db
      .selectFrom('server_names')
      .innerJoin('servers', (join) =>
        join.onRef('servers.tenant', '=', 'server_names.tenant').onRef('servers.id', '=', 'server_names.server_id'),
      )
      .select('server_names.name')
      .where('server_names.tenant', '=', tenant)
      .where('servers.status', '=', 'active')
      .orderBy('server_names.name_key')
      .execute()
    return rows.map(({ name }) => name).filter((name) => /^https?:/i.test(name))
  },

  /** The name of a role that holds one of the scopes: what a person may ask an administrator for. */
  async roleThatHolds(id: string, scopes: readonly string[]): Promise<string | undefined> {
    if (scopes.length === 0) return undefined
    const row = await db
      .selectFrom('role_scopes')
      .innerJoin('roles', (join) =>
        join.onRef('roles.tenant', '=', 'role_scopes.tenant').onRef('roles.id', '=', 'role_scopes.role_id'),
      )
      .select('roles.name')
      .where('role_scopes.tenant', '=', tenant)
      .where('role_scopes.server_id', '=', id)
      .where('role_scopes.scope', 'in', scopes)
      .orderBy('roles.id')
      .executeTakeFirst()
    return row?.name
  },

  async tools(id: string): Promise<readonly Tool[]> {
    const rows = await db
      .selectFrom('tools')
      .select(['name', 'title', 'scopes'])
      .where('tenant', '=', tenant)
      .where('server_id', '=', id)
      .orderBy('name')
      .execute()
    return rows.map((row) => ({ name: row.name, title: row.title, scopes: list(row.scopes) }))
  },
})
