import { canonicalResource } from '@permitry/oauth'
import { ADMIN_SERVER } from '../../access/admin-api.ts'
import { type Db, list } from './database.ts'
import { contains, type ListQuery } from './list-query.ts'
import { type Page, pageOf } from './page.ts'

/** An MCP server as operators define it; servers.ts reads it as the protocol needs it. Scopes keep their order, which consent shows. */
export interface ServerDefinition {
  readonly id: string
  readonly identifier: string
  readonly name: string
  /** Further names; the identifier is a name too. */
  readonly urls: readonly string[]
  readonly claims: readonly string[]
  readonly accessTokenSeconds: number | null
  readonly dynamicClientScopes: 'all' | readonly string[]
  readonly scopes: readonly ScopeDefinition[]
  readonly tools: readonly ToolDefinition[]
}

export interface ScopeDefinition {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly risk: 'read' | 'write' | 'destructive'
  readonly implies: readonly string[]
  readonly isDefault: boolean
}

/** Kept in the order of their names. */
export interface ToolDefinition {
  readonly name: string
  readonly title: string
  readonly scopes: readonly string[]
}

/** Sorts as JavaScript does, whatever the collation of the database. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

export const serverDefinitions = (db: Db, tenant: string) => ({
  all: () => readDefinitions(db, tenant),

  async find(id: string): Promise<ServerDefinition | undefined> {
    return (await readDefinitions(db, tenant, [id]))[0]
  },

  /** A page in the order of the ids, without the admin API. */
  async page({ containing, behind, most }: ListQuery): Promise<Page<ServerDefinition>> {
    const rows = await db
      .selectFrom('servers')
      .select('id')
      .where('tenant', '=', tenant)
      .where('id', '<>', ADMIN_SERVER)
      .$if(containing !== undefined, (query) => query.where(contains(['id', 'name', 'identifier'], containing ?? '')))
      .$if(behind !== undefined, (query) => query.where('id', '>', String(behind?.[0])))
      .orderBy('id')
      .limit(most + 1)
      .execute()
    const { items, next } = pageOf(rows, most, ({ id }) => [id])
    const ids = items.map(({ id }) => id)
    return { items: await readDefinitions(db, tenant, ids), next }
  },

  /** The server that owns a name, in any spelling of it. */
  async ownerOfName(name: string): Promise<string | undefined> {
    const row = await db
      .selectFrom('server_names')
      .select('server_id')
      .where('tenant', '=', tenant)
      .where('name_key', '=', canonicalResource(name))
      .executeTakeFirst()
    return row?.server_id
  },

  /** Makes the server, or replaces everything about it but its id. The catalogue version counts what consent texts depend on. */
  async put(server: ServerDefinition, catalogueVersion: number): Promise<void> {
    const { id } = server
    const facts = {
      identifier: server.identifier,
      name: server.name,
      claims: JSON.stringify(server.claims),
      access_token_seconds: server.accessTokenSeconds,
      dynamic_scopes: server.dynamicClientScopes === 'all' ? null : JSON.stringify(server.dynamicClientScopes),
      catalogue_version: catalogueVersion,
    }
    await db
      .insertInto('servers')
      .values({ tenant, id, status: 'active', ...facts })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(facts))
      .execute()
    await releaseNames(db, tenant, id)
    const names = [server.identifier, ...server.urls].map((name) => ({
      tenant,
      name_key: canonicalResource(name),
      name,
      server_id: id,
    }))
    await db.insertInto('server_names').values(names).execute()
    await putScopes(db, tenant, server)
    await db.deleteFrom('tools').where('tenant', '=', tenant).where('server_id', '=', id).execute()
    const tools = server.tools.map((tool) => ({ ...tool, tenant, server_id: id, scopes: JSON.stringify(tool.scopes) }))
    if (tools.length > 0) await db.insertInto('tools').values(tools).execute()
  },

  /** Frees the names of a server within a unit that gives it others, so that two servers can swap one. */
  releaseNames: (id: string) => releaseNames(db, tenant, id),

  async catalogueVersion(id: string): Promise<number> {
    const row = await db
      .selectFrom('servers')
      .select('catalogue_version')
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    return row?.catalogue_version ?? 0
  },

  async remove(id: string): Promise<void> {
    await db.deleteFrom('servers').where('tenant', '=', tenant).where('id', '=', id).execute()
  },
})

async function releaseNames(db: Db, tenant: string, id: string): Promise<void> {
  await db.deleteFrom('server_names').where('tenant', '=', tenant).where('server_id', '=', id).execute()
}

/** Scopes that stay are updated and not written anew: roles refer to them and would lose them. */
async function putScopes(db: Db, tenant: string, { id: server_id, scopes }: ServerDefinition): Promise<void> {
  const names = scopes.map((scope) => scope.name)
  await db
    .deleteFrom('scopes')
    .where('tenant', '=', tenant)
    .where('server_id', '=', server_id)
    .$if(names.length > 0, (query) => query.where('name', 'not in', names))
    .execute()
  for (const [position, { name, title, description, risk, implies, isDefault }] of scopes.entries()) {
    const facts = {
      title,
      description,
      risk,
      implies: JSON.stringify(implies),
      is_default: isDefault ? 1 : 0,
      position,
    }
    await db
      .insertInto('scopes')
      .values({ tenant, server_id, name, ...facts })
      .onConflict((conflict) => conflict.columns(['tenant', 'server_id', 'name']).doUpdateSet(facts))
      .execute()
  }
}

async function readDefinitions(db: Db, tenant: string, ids?: readonly string[]): Promise<ServerDefinition[]> {
  if (ids?.length === 0) return []
  const servers = db.selectFrom('servers').selectAll().where('tenant', '=', tenant).orderBy('id')
  const names = db.selectFrom('server_names').selectAll().where('tenant', '=', tenant).orderBy('name')
  const scopes = db.selectFrom('scopes').selectAll().where('tenant', '=', tenant).orderBy('position')
  const tools = db.selectFrom('tools').selectAll().where('tenant', '=', tenant)
  const of = {
    names: Map.groupBy(await (ids ? names.where('server_id', 'in', ids) : names).execute(), (row) => row.server_id),
    scopes: Map.groupBy(await (ids ? scopes.where('server_id', 'in', ids) : scopes).execute(), (row) => row.server_id),
    tools: Map.groupBy(await (ids ? tools.where('server_id', 'in', ids) : tools).execute(), (row) => row.server_id),
  }
  const rows = await (ids ? servers.where('id', 'in', ids) : servers).execute()
  return rows.map((row) => ({
    id: row.id,
    identifier: row.identifier,
    name: row.name,
    urls: (of.names.get(row.id) ?? []).map(({ name }) => name).filter((name) => name !== row.identifier),
    claims: list(row.claims),
    accessTokenSeconds: row.access_token_seconds,
    dynamicClientScopes: row.dynamic_scopes === null ? 'all' : list(row.dynamic_scopes),
    scopes: (of.scopes.get(row.id) ?? []).map(({ name, title, description, risk, implies, is_default }) => ({
      name,
      title,
      description,
      risk,
      implies: list(implies),
      isDefault: is_default === 1,
    })),
    tools: (of.tools.get(row.id) ?? [])
      .map((tool) => ({
        name: tool.name,
        title: tool.title,
        scopes: list(tool.scopes),
      }))
      .toSorted(byName),
  }))
}
