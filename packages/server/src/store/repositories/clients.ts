import type { Selectable } from 'kysely'
import type { ClientTable } from '../schema.ts'
import { type Db, list } from './database.ts'

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
  readonly idTokenAlg: string
  readonly active: boolean
}

/** Says whether the client proves who it is at the token endpoint; only then may consent be remembered. */
export function isConfidential(client: Client): boolean {
  return client.authMethod !== 'none'
}

export const clients = (db: Db, tenant: string) => ({
  async find(id: string): Promise<Client | undefined> {
    const row = await db
      .selectFrom('clients')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toClient(row)
  },

  /** The MCP servers that the client was authorized for, each with the scopes it may ask for: `all` or a list. */
  async servers(id: string): Promise<ReadonlyMap<string, 'all' | readonly string[]>> {
    const rows = await db
      .selectFrom('client_servers')
      .select(['server_id', 'scopes'])
      .where('tenant', '=', tenant)
      .where('client_id', '=', id)
      .execute()
    return new Map(rows.map((row) => [row.server_id, row.scopes === '"all"' ? 'all' : list(row.scopes)]))
  },
})

function toClient(row: Selectable<ClientTable>): Client {
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
    active: row.status === 'active',
  }
}
