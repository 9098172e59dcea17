import type { ClientTable } from '../schema.ts'
import type { Client } from './clients.ts'
import type { Db } from './database.ts'

/** A client that nobody registered: a document describes it, or it registered itself. */
export interface DynamicClient extends Omit<Client, 'registration' | 'active' | 'createdAt' | 'guards'> {
  readonly registration: Exclude<ClientTable['registration'], 'registered'>
  /** The most that it will ask for; null leaves it to the MCP servers. */
  readonly scopes: readonly string[] | null
  /** What it said of itself, as JSON text. */
  readonly metadata: string | null
}

export const dynamicClients = (db: Db, tenant: string) => ({
  /** Makes the client, or replaces what it said of itself. False when an operator has registered the id meanwhile. */
  async put(client: DynamicClient, now: number): Promise<boolean> {
    const facts = { ...factsOf(client), updated_at: now }
    const { id, registration } = client
    const row = await db
      .insertInto('clients')
      .values({ tenant, id, registration, status: 'active', created_at: now, ...facts })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'id']).doUpdateSet(facts).where('clients.registration', '=', registration),
      )
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  },
})

/** The columns that hold what a client said of itself. */
export function factsOf(client: DynamicClient) {
  return {
    name: client.name,
    application_type: client.applicationType,
    auth_method: client.authMethod,
    secret_hash: client.secretHash,
    jwks: client.jwks,
    jwks_uri: client.jwksUri,
    auth_signing_alg: client.authSigningAlg,
    dpop_bound: client.dpopBound ? 1 : 0,
    client_uri: client.clientUri,
    logo_uri: client.logoUri,
    scopes: client.scopes === null ? null : JSON.stringify(client.scopes),
    metadata: client.metadata,
    redirect_uris: JSON.stringify(client.redirectUris),
    post_logout_redirect_uris: JSON.stringify(client.postLogoutRedirectUris),
    grant_types: JSON.stringify(client.grantTypes),
    id_token_alg: client.idTokenAlg,
  }
}
