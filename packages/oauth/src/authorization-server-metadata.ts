import { insertWellKnown, omitEmpty } from './metadata.ts'
import { hasDotSegments, isHostAsWritten, isLoopbackHost, splitUri } from './uri.ts'

/** Authorization server metadata as it stands on the wire: RFC 8414 §2 with OpenID Connect Discovery §3 in one document. */
export interface AuthorizationServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly response_types_supported: readonly string[]
  /** MCP clients refuse a server whose document does not have it. */
  readonly code_challenge_methods_supported: readonly string[]
  readonly response_modes_supported?: readonly string[]
  readonly grant_types_supported?: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly token_endpoint_auth_methods_supported?: readonly string[]
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[]
  readonly revocation_endpoint?: string
  readonly revocation_endpoint_auth_methods_supported?: readonly string[]
  readonly revocation_endpoint_auth_signing_alg_values_supported?: readonly string[]
  readonly introspection_endpoint?: string
  readonly introspection_endpoint_auth_methods_supported?: readonly string[]
  readonly introspection_endpoint_auth_signing_alg_values_supported?: readonly string[]
  readonly registration_endpoint?: string
  readonly pushed_authorization_request_endpoint?: string
  readonly require_pushed_authorization_requests?: boolean
  readonly device_authorization_endpoint?: string
  /** RFC 9207 §3. */
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly client_id_metadata_document_supported?: boolean
  readonly dpop_signing_alg_values_supported?: readonly string[]
  readonly authorization_details_types_supported?: readonly string[]
  /** RFC 9728 §4. */
  readonly protected_resources?: readonly string[]
  readonly service_documentation?: string
  readonly ui_locales_supported?: readonly string[]
  readonly op_policy_uri?: string
  readonly op_tos_uri?: string
  readonly userinfo_endpoint?: string
  readonly end_session_endpoint?: string
  readonly subject_types_supported?: readonly string[]
  readonly id_token_signing_alg_values_supported?: readonly string[]
  readonly acr_values_supported?: readonly string[]
  readonly claims_supported?: readonly string[]
  readonly claims_parameter_supported?: boolean
  readonly request_parameter_supported?: boolean
  readonly request_uri_parameter_supported?: boolean
  readonly prompt_values_supported?: readonly string[]
}

/** Builds the document: members without a value and empty arrays are left out, RFC 8414 §3.2. */
export function authorizationServerMetadata(document: AuthorizationServerMetadata): AuthorizationServerMetadata {
  return omitEmpty(document)
}

/**
 * Where clients look for the metadata of an issuer, in the order in which MCP has them try. For an issuer without path
 * the last two are the same URL.
 */
export function wellKnownUrls(issuer: string): {
  readonly oauth: string
  readonly openidInserted: string
  readonly openidAppended: string
} {
  return {
    oauth: insertWellKnown(issuer, 'oauth-authorization-server'),
    openidInserted: insertWellKnown(issuer, 'openid-configuration'),
    openidAppended: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  }
}

/**
 * Checks an issuer identifier, RFC 8414 §2: undefined when it is fine, otherwise a sentence that says what to do.
 * Stricter than the RFC about spelling, since clients compare issuers character by character: what a URL library would
 * write differently sooner or later breaks a login.
 */
export function checkIssuer(issuer: string): string | undefined {
  const uri = splitUri(issuer)
  if (uri?.authority === undefined || (uri.scheme !== 'https' && uri.scheme !== 'http')) {
    return 'the issuer must be an absolute https URL'
  }
  if (uri.authority.userinfo !== undefined)
    return 'the issuer must not have a user name: leave out what stands before `@`'
  if (uri.query !== undefined || uri.fragment !== undefined) return 'the issuer must not have a query or a fragment'
  if (!isHostAsWritten(issuer, uri.authority.host)) return 'the issuer must have its host in plain form'
  if (uri.scheme === 'http' && !isLoopbackHost(uri.authority.host)) {
    return 'the issuer may use http only on localhost, 127.0.0.1 or [::1]: use https'
  }
  if (issuer.endsWith('/')) return 'the issuer must not end in a slash: clients compare it character by character'
  if (hasDotSegments(uri.path) || new URL(issuer).href.replace(/\/$/, '') !== issuer) {
    return 'the issuer must be written as browsers write it: lower-case scheme and host, no default port, no dot segments'
  }
  return undefined
}
