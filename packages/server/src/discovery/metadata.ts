import { authorizationServerMetadata, type AuthorizationServerMetadata, SIGNING_ALGS } from '@permitry/oauth'
import { isAdminApi } from '../access/admin-api.ts'
import { isGuardApi } from '../access/guard-api.ts'
import { IDENTITY_SCOPES } from '../access/target.ts'
import { ID_TOKEN_KEYS } from '../keys/key-life.ts'
import { ACR_PASSWORD } from '../login/acr.ts'
import type { Realm } from '../realm.ts'

const PROVING_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

/** One document for RFC 8414 and OIDC Discovery, so that no client gets to see a poorer one. */
export async function metadata(realm: Realm): Promise<AuthorizationServerMetadata> {
  const { issuer } = realm
  const { documents, registration, publicClients } = realm.dynamicClients
  const { resources, anyPublic } = await realm.read(async (t) => ({
    resources: (await t.servers.urls()).filter((url) => !isAdminApi(issuer, url) && !isGuardApi(issuer, url)),
    anyPublic: await t.clients.anyPublic(),
  }))
  // Clients that know several methods take the first one that is listed, so `none` stands here only where somebody may use it.
  const mayBePublic = (publicClients && (documents || registration)) || anyPublic
  const authMethods = mayBePublic ? ['none', ...PROVING_METHODS] : PROVING_METHODS
  return authorizationServerMetadata({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    ...(registration ? { registration_endpoint: `${issuer}/register` } : {}),
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    // The scopes of MCP servers stand in the metadata of each: a client that asked for all of them here would ask for
    // several servers at once, which no token is for.
    scopes_supported: [...IDENTITY_SCOPES],
    protected_resources: resources,
    token_endpoint_auth_methods_supported: authMethods,
    token_endpoint_auth_signing_alg_values_supported: [...SIGNING_ALGS],
    revocation_endpoint: `${issuer}/revoke`,
    revocation_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_signing_alg_values_supported: [...SIGNING_ALGS],
    introspection_endpoint: `${issuer}/introspect`,
    introspection_endpoint_auth_methods_supported: PROVING_METHODS,
    introspection_endpoint_auth_signing_alg_values_supported: [...SIGNING_ALGS],
    authorization_response_iss_parameter_supported: true,
    ...(realm.dynamicClients.documents ? { client_id_metadata_document_supported: true } : {}),
    dpop_signing_alg_values_supported: [...SIGNING_ALGS],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: Object.keys(ID_TOKEN_KEYS),
    acr_values_supported: [ACR_PASSWORD],
    claims_supported: [
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'nonce',
      'acr',
      'amr',
      'sid',
      'name',
      'preferred_username',
      'email',
      'email_verified',
    ],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    claims_parameter_supported: false,
  })
}
