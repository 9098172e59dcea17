import { insertWellKnown, omitEmpty } from './metadata.ts'

/** A protected resource metadata document as it stands on the wire, RFC 9728 §2. */
export interface ProtectedResourceMetadata {
  /** The URL that clients use for the MCP server, byte for byte: they refuse the document otherwise (§3.3). */
  readonly resource: string
  /** At least one: MCP requires it, RFC 9728 does not. */
  readonly authorization_servers: readonly [string, ...string[]]
  readonly scopes_supported?: readonly string[]
  readonly bearer_methods_supported?: readonly ('header' | 'body' | 'query')[]
  readonly jwks_uri?: string
  readonly resource_name?: string
  readonly resource_documentation?: string
  readonly resource_policy_uri?: string
  readonly resource_tos_uri?: string
  readonly resource_signing_alg_values_supported?: readonly string[]
  readonly authorization_details_types_supported?: readonly string[]
  readonly dpop_signing_alg_values_supported?: readonly string[]
  readonly dpop_bound_access_tokens_required?: boolean
}

/**
 * Builds the document: empty arrays are left out (RFC 9728 §3.2), and so is `offline_access`, which is between client
 * and authorization server and no business of a resource (MCP, Refresh Tokens).
 */
export function protectedResourceMetadata(document: ProtectedResourceMetadata): ProtectedResourceMetadata {
  const scopes = document.scopes_supported?.filter((scope) => scope !== 'offline_access') ?? []
  return omitEmpty({ ...document, scopes_supported: scopes })
}

/**
 * Where clients look for the document of a resource URL: `path` with the well-known part between host and path, a query
 * kept (RFC 9728 §3.1), and `root`, which they try last. Throws a TypeError for what is not http or https.
 */
export function protectedResourceMetadataUrls(resource: string): { readonly path: string; readonly root: string } {
  const path = insertWellKnown(resource, 'oauth-protected-resource')
  const root = insertWellKnown(new URL(resource).origin, 'oauth-protected-resource')
  return { path, root }
}
