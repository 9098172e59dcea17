// Definitions as `permitry.yaml` writes them: what desired.ts reads, the other way round.
import type { Entry } from '../../config/entry.ts'
import type { ClientDefinition } from '../../store/repositories/client-definitions.ts'
import type { Group } from '../../store/repositories/groups.ts'
import type { Role } from '../../store/repositories/roles.ts'
import type { ServerDefinition } from '../../store/repositories/server-definitions.ts'
import type { SubjectDefinition } from '../../store/repositories/subject-definitions.ts'

/** An MCP server with its scopes and tools. */
export function serverEntry(server: ServerDefinition): Entry {
  return {
    id: server.id,
    identifier: server.identifier,
    name: server.name,
    urls: server.urls,
    claims: server.claims,
    access_token_minutes: server.accessTokenSeconds === null ? undefined : server.accessTokenSeconds / 60,
    dynamic_client_scopes: server.dynamicClientScopes,
    default_scopes: server.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name),
    scopes: server.scopes.map(({ name, title, description, risk, implies }) => ({
      name,
      title,
      description,
      risk,
      implies,
    })),
    tools: server.tools.map(({ name, title, scopes }) => ({
      name,
      title: title === name ? undefined : title,
      scopes,
    })),
  }
}

/** A role with the scopes that it holds. */
export function roleEntry({ id, name, description, scopes }: Role): Entry {
  return { id, name, description, scopes }
}

/** A group with its roles; its members say themselves that they are in it. */
export function groupEntry({ id, name, roles }: Group): Entry {
  return { id, name, roles }
}

/** A person, without the password. */
export function userEntry({ id, username, name, email, roles, groups }: SubjectDefinition): Entry {
  return { id, username: username ?? undefined, name, email: email ?? undefined, roles, groups }
}

/** A client, without its secret, of which only a hash is stored. What its template said is written out. */
export function clientEntry(client: ClientDefinition): Entry {
  return {
    id: client.id,
    name: client.name,
    type: client.applicationType,
    auth: client.authMethod,
    jwks: client.jwks === null ? undefined : (JSON.parse(client.jwks) as unknown),
    jwks_uri: client.jwksUri ?? undefined,
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    grant_types: client.grantTypes,
    id_token_alg: client.idTokenAlg,
    dpop: client.dpopBound ? 'required' : 'optional',
    servers: client.servers,
    guards: client.guards,
    roles: client.agent?.roles,
    owner: client.agent?.owner ?? undefined,
  }
}
