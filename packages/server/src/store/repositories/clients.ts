import type { Selectable } from 'kysely'
import type { ClientTable } from '../schema.ts'
import { type Db, list } from './database.ts'
import { dynamicServers, type MayAsk } from './dynamic-servers.ts'

/** A client application as the protocol sees it. `secretHash` is the SHA-256 of 256 generated bits. */
export interface Client {
  readonly id: string
  readonly name: string
  readonly registration: ClientTable['registration']
  readonly applicationType: ClientTable['application_type']
  readonly authMethod: ClientTable['auth_method']
  readonly secretHash: string | null
  /** The public keys of a client that authenticates with `private_key_jwt`, as a JWK Set; or where they are published. */
  readonly jwks: string | null
  readonly jwksUri: string | null
  readonly authSigningAlg: string | null
  /** Its token requests need a DPoP proof (RFC 9449 §5.2). */
  readonly dpopBound: boolean
  readonly clientUri: string | null
  readonly logoUri: string | null
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly idTokenAlg: ClientTable['id_token_alg']
  /** The MCP servers that it guards: it asks about tokens for them (RFC 7662 §2.1) and uses the guard API for them. */
  readonly guards: readonly string[]
  /** Neither suspended by an operator nor stopped by what became of its document. */
  readonly active: boolean
  readonly createdAt: number
}

/** Says whether the client proves who it is at the token endpoint; only then may consent be remembered. */
export function isConfidential(client: Client): boolean {
  return client.authMethod !== 'none'
}

export const clients = (db: Db, tenant: string) => ({
  async find(id: string): Promise<Client | undefined> {
    const row = await db
      .selectFrom('clients')
      .leftJoin('client_documents', (join) =>
        join
          .onRef('client_documents.tenant', '=', 'clients.tenant')
          .onRef('client_documents.client_id', '=', 'clients.id'),
      )
      .selectAll('clients')
      .select('client_documents.fault')
      .where('clients.tenant', '=', tenant)
      .where('clients.id', '=', id)
      .executeTakeFirst()
    return row && toClient(row)
  },

  /**
   * The MCP servers that the client may ask for, each with its scopes. A registered client has what an operator gave it;
   * one that nobody registered has what each server allows to such clients, less what it ruled out itself.
   */
  async servers(id: string): Promise<ReadonlyMap<string, MayAsk>> {
    const client = await db
      .selectFrom('clients')
      .select(['registration', 'scopes'])
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!client) return new Map()
    if (client.registration !== 'registered')
      return dynamicServers(db, tenant, client.scopes === null ? undefined : list(client.scopes))
    const rows = await db
      .selectFrom('client_servers')
      .select(['server_id', 'scopes'])
      .where('tenant', '=', tenant)
      .where('client_id', '=', id)
      .execute()
    return new Map(rows.map((row) => [row.server_id, row.scopes === '"all"' ? 'all' : list(row.scopes)]))
  },

  /** What an operator called clients and MCP servers: the names that people here have reason to trust. */
  async trustedNames(): Promise<readonly string[]> {
    const registered = db
      .selectFrom('clients')
      .select('name')
      .where('tenant', '=', tenant)
      .where('registration', '=', 'registered')
    const names = registered.union(db.selectFrom('servers').select('name').where('tenant', '=', tenant))
    return (await names.execute()).map((row) => row.name)
  },

  /** Says whether any client is registered that does not authenticate. */
  async anyPublic(): Promise<boolean> {
    const row = await db
      .selectFrom('clients')
      .select('id')
      .where('tenant', '=', tenant)
      .where('auth_method', '=', 'none')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  },

  /** Remembers that a person consented to the client, which is kept from then on. */
  async markConsented(id: string, now: number): Promise<void> {
    await db
      .updateTable('clients')
      .set({ consented_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('consented_at', 'is', null)
      .execute()
  },
})

/** `fault` is why the document of the client stopped it. */
export function toClient(row: Selectable<ClientTable> & { fault: string | null }): Client {
  return {
    id: row.id,
    name: row.name,
    registration: row.registration,
    applicationType: row.application_type,
    authMethod: row.auth_method,
    secretHash: row.secret_hash,
    jwks: row.jwks,
    jwksUri: row.jwks_uri,
    authSigningAlg: row.auth_signing_alg,
    dpopBound: row.dpop_bound === 1,
    clientUri: row.client_uri,
    logoUri: row.logo_uri,
    redirectUris: list(row.redirect_uris),
    postLogoutRedirectUris: list(row.post_logout_redirect_uris),
    grantTypes: list(row.grant_types),
    idTokenAlg: row.id_token_alg,
    guards: list(row.guards),
    active: row.status === 'active' && row.fault === null,
    createdAt: row.created_at,
  }
}
