import { isReserved } from '../access/admin-api.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import type { AdminRequest, Answer } from './handler.ts'

/** Reads a client that an operator registered. The console's own is nobody's to change. */
export function clientOf(id: string) {
  return async (t: InTenant): Promise<Answer<'clients.get'> | undefined> => {
    const client = isReserved(id) ? undefined : await t.clientDefinitions.find(id)
    return client && toWire(client, (await t.clients.find(id))?.active === true)
  }
}

/** A client as it goes out: without the hash of its secret. */
function toWire(client: ClientDefinition, active: boolean): Answer<'clients.get'> {
  return {
    id: client.id,
    name: client.name,
    type: client.applicationType,
    auth: client.authMethod,
    jwks: client.jwks === null ? null : (JSON.parse(client.jwks) as Record<string, unknown>),
    jwks_uri: client.jwksUri,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    grant_types: client.grantTypes.filter(isGrantType),
    id_token_alg: client.idTokenAlg,
    dpop_bound: client.dpopBound,
    servers: client.servers,
    guards: client.guards,
    agent: client.agent,
    active,
    has_secret: client.secretHash !== null,
  }
}

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const

function isGrantType(text: string): text is (typeof GRANT_TYPES)[number] {
  return GRANT_TYPES.some((known) => known === text)
}

/** A client as it was put: its secret stays, unless it authenticates without one from now on. */
export function fromWire(
  id: string,
  body: AdminRequest<'clients.put'>['body'],
  before: ClientDefinition | undefined,
): ClientDefinition {
  return {
    id,
    name: body.name,
    applicationType: body.type,
    authMethod: body.auth,
    secretHash: body.auth.startsWith('client_secret_') ? (before?.secretHash ?? null) : null,
    jwks: body.jwks === null ? null : JSON.stringify(body.jwks),
    jwksUri: body.jwks_uri,
    redirectUris: body.redirect_uris,
    postLogoutRedirectUris: body.post_logout_redirect_uris,
    grantTypes: body.grant_types,
    idTokenAlg: body.id_token_alg,
    dpopBound: body.dpop_bound,
    servers: body.servers,
    guards: body.guards,
    agent: body.agent,
  }
}
