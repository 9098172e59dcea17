import type { RegisteredClient } from '@permitry/server'
import { formatMembers } from './format-members.ts'

type Definition = Omit<RegisteredClient, 'active'>

/** A client in the members of RFC 7591 §2, which other software knows, and with what only we know beside them. */
export function clientMetadata(client: Definition, secret?: string): Record<string, unknown> {
  const { agent } = client
  const some = (name: string, values: readonly string[]) => (values.length > 0 ? { [name]: values } : {})
  return {
    client_id: client.id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_name: client.name,
    application_type: client.applicationType,
    token_endpoint_auth_method: client.authMethod,
    grant_types: client.grantTypes,
    ...some('redirect_uris', client.redirectUris),
    ...some('post_logout_redirect_uris', client.postLogoutRedirectUris),
    ...(client.jwks === null ? {} : { jwks: JSON.parse(client.jwks) as unknown }),
    ...(client.jwksUri === null ? {} : { jwks_uri: client.jwksUri }),
    ...(client.idTokenAlg === 'RS256' ? {} : { id_token_signed_response_alg: client.idTokenAlg }),
    ...(client.dpopBound ? { dpop_bound_access_tokens: true } : {}),
    servers: client.servers,
    ...some('guards', client.guards),
    ...(agent ? { roles: agent.roles, ...(agent.owner === null ? {} : { owner: agent.owner }) } : {}),
  }
}

/** The same for people: a line for each member. */
export function formatClient(client: Definition, secret?: string): string {
  return formatMembers(clientMetadata(client, secret))
}
