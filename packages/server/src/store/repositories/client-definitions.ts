import type { Selectable } from 'kysely'
import type { ClientTable } from '../schema.ts'
import { type Agent, agents } from './agents.ts'
import { type Db, list } from './database.ts'

/** A client that was registered by hand, as operators define it. Status is an act (suspend) and not part of it. */
export interface ClientDefinition {
  readonly id: string
  readonly name: string
  readonly applicationType: ClientTable['application_type']
  readonly authMethod: ClientTable['auth_method']
  /** SHA-256 of the secret; null for clients that have none. */
  readonly secretHash: string | null
  /** For `private_key_jwt`: public keys as a JWK Set in JSON, or where one is published. */
  readonly jwks: string | null
  readonly jwksUri: string | null
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly idTokenAlg: ClientTable['id_token_alg']
  /** Its token requests need a DPoP proof (RFC 9449 §5.2). */
  readonly dpopBound: boolean
  readonly servers: Readonly<Record<string, 'all' | readonly string[]>>
  /** The MCP servers that it guards. */
  readonly guards: readonly string[]
  /** As whom it acts by `client_credentials`; null for clients that never act for themselves. */
  readonly agent: Pick<Agent, 'roles' | 'owner'> | null
}

export const clientDefinitions = (db: Db, tenant: string) => ({
  /** All clients that were registered by hand; those that registered themselves are not an operator's to define. */
  all: () => readDefinitions(db, tenant),

  async find(id: string): Promise<ClientDefinition | undefined> {
    return (await readDefinitions(db, tenant, id))[0]
  },

  /** Makes the client with its agent, or replaces everything about it but its id and status. */
  async put(client: ClientDefinition, now: number): Promise<void> {
    const { id } = client
    const facts = {
      name: client.name,
      application_type: client.applicationType,
      auth_method: client.authMethod,
      secret_hash: client.secretHash,
      jwks: client.jwks,
      jwks_uri: client.jwksUri,
      redirect_uris: JSON.stringify(client.redirectUris),
      post_logout_redirect_uris: JSON.stringify(client.postLogoutRedirectUris),
      grant_types: JSON.stringify(client.grantTypes),
      id_token_alg: client.idTokenAlg,
      guards: JSON.stringify(client.guards),
      dpop_bound: client.dpopBound ? 1 : 0,
      updated_at: now,
    }
    await db
      .insertInto('clients')
      .values({ tenant, id, registration: 'registered', status: 'active', created_at: now, ...facts })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(facts))
      .execute()
    await db.deleteFrom('client_servers').where('tenant', '=', tenant).where('client_id', '=', id).execute()
    const rows = Object.entries(client.servers).map(([server_id, scopes]) => ({
      tenant,
      client_id: id,
      server_id,
      scopes: JSON.stringify(scopes),
    }))
    if (rows.length > 0) await db.insertInto('client_servers').values(rows).execute()
    if (client.agent) await agents(db, tenant).put({ id, name: client.name, ...client.agent }, now)
    else await agents(db, tenant).remove(id)
  },

  /** Changes the status; true when it was the other one until now. */
  async setStatus(id: string, status: 'active' | 'suspended', now: number): Promise<boolean> {
    const result = await db
      .updateTable('clients')
      .set({ status, updated_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('status', '!=', status)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  /** Removes the client with its agent. */
  async remove(id: string): Promise<void> {
    await agents(db, tenant).remove(id)
    await db.deleteFrom('clients').where('tenant', '=', tenant).where('id', '=', id).execute()
  },
})

async function readDefinitions(db: Db, tenant: string, id?: string): Promise<ClientDefinition[]> {
  const clients = db.selectFrom('clients').selectAll().where('tenant', '=', tenant).orderBy('id')
  const servers = db.selectFrom('client_servers').selectAll().where('tenant', '=', tenant).orderBy('server_id')
  const one = id !== undefined
  const of = Map.groupBy(await (one ? servers.where('client_id', '=', id) : servers).execute(), (row) => row.client_id)
  const rows = await (one ? clients.where('id', '=', id) : clients).where('registration', '=', 'registered').execute()
  const acting = one ? [(await agents(db, tenant).find(id)) ?? []].flat() : await agents(db, tenant).all()
  return rows.map((row) => toDefinition(row, of.get(row.id) ?? [], acting))
}

function toDefinition(
  row: Selectable<ClientTable>,
  servers: readonly { server_id: string; scopes: string }[],
  acting: readonly Agent[],
): ClientDefinition {
  const agent = acting.find(({ id }) => id === row.id)
  return {
    id: row.id,
    name: row.name,
    applicationType: row.application_type,
    authMethod: row.auth_method,
    secretHash: row.secret_hash,
    jwks: row.jwks,
    jwksUri: row.jwks_uri,
    redirectUris: list(row.redirect_uris),
    postLogoutRedirectUris: list(row.post_logout_redirect_uris),
    grantTypes: list(row.grant_types),
    idTokenAlg: row.id_token_alg,
    dpopBound: row.dpop_bound === 1,
    servers: Object.fromEntries(
      servers.map(({ server_id, scopes }) => [server_id, scopes === '"all"' ? 'all' : list(scopes)]),
    ),
    guards: list(row.guards),
    agent: agent ? { roles: agent.roles, owner: agent.owner } : null,
  }
}
