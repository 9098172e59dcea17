import { err, formatScope, intersectScopes, ok, type Result } from '@permitry/oauth'
import { canonical } from '../../commands/canonical.ts'
import { sha256 } from '../../keys/secrets.ts'
import type { DynamicClient } from '../../store/repositories/dynamic-clients.ts'
import { type ClientMetadata, type MetadataRules, readClientMetadata } from '../metadata.ts'
import { allowedMethods, type DynamicClientPolicy } from '../policy.ts'
import { isRecord } from '../sent.ts'
import { registerChecks, type RegistrationFailure } from './checks.ts'

/** RFC 7591 §2: a client that does not say how it authenticates gets a secret. */
function rulesOf(policy: DynamicClientPolicy): MetadataRules {
  const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
  return { authMethods: allowedMethods(policy, methods), defaultAuthMethod: 'client_secret_basic' }
}

/** What a client asked to be registered as, narrowed to what it gets. */
export interface Registration {
  readonly metadata: ClientMetadata
  /** It asked for a client of its own, which it can change and delete (RFC 7592). */
  readonly managesItself: boolean
  /** The most that it will ask for; null when it may ask for all that MCP servers allow to such clients. */
  readonly scopes: readonly string[] | null
}

/**
 * Reads a registration. `allowedScopes` is what MCP servers allow to clients that nobody registered.
 *
 * `scope` limits a client that manages itself, and no other: SDKs put the scopes of their first challenge there and never
 * register again, so that as a limit it would end every step-up. What they get is decided by roles and consent.
 */
export function readRegistration(
  sent: unknown,
  allowedScopes: readonly string[],
  policy: DynamicClientPolicy,
): Result<Registration, RegistrationFailure> {
  const metadata = readClientMetadata(sent, rulesOf(policy))
  if (!metadata.ok) return metadata
  if (!isRecord(sent)) throw new Error('metadata was read from what is no object')
  for (const [, , check] of registerChecks) {
    const failure = check({ sent, metadata: metadata.value })
    if (failure) return err(failure)
  }
  const managesItself = sent['manage_registration'] === true
  const asked = managesItself ? metadata.value.scopes : undefined
  const scopes = asked === undefined ? null : intersectScopes(asked, allowedScopes)
  if (scopes?.length === 0)
    return err({
      error: 'invalid_client_metadata',
      description: 'none of the scopes may be had by clients that register themselves: leave scope out',
    })
  return ok({ metadata: metadata.value, managesItself, scopes })
}

/** Whether the client is one of many that look alike and cannot be told apart, so that one row does for all of them. */
export function isShared({ metadata, managesItself }: Registration): boolean {
  return metadata.authMethod === 'none' && !managesItself
}

/** Whether the client authenticates with a secret that it is given. */
export function hasSecret({ metadata: { authMethod } }: Registration): boolean {
  return authMethod === 'client_secret_basic' || authMethod === 'client_secret_post'
}

/** Equal for registrations that say the same, in whatever order. */
export function sharedKeyOf({ metadata }: Registration): string {
  return sha256(JSON.stringify(canonical({ ...metadata, scopes: undefined })))
}

/** The client that a registration makes. */
export function clientOf(id: string, secretHash: string | null, registration: Registration): DynamicClient {
  const { name = 'Unnamed application', scopes: _, ...metadata } = registration.metadata
  const { scopes } = registration
  return {
    ...metadata,
    id,
    name,
    registration: 'dcr',
    secretHash,
    scopes,
    metadata: JSON.stringify(registeredMetadata(registration)),
  }
}

/** The metadata as it was registered, as it stands on the wire (RFC 7591 §3.2.1): what was replaced or left out shows here. */
function registeredMetadata({ metadata, managesItself, scopes }: Registration): Record<string, unknown> {
  const optional = {
    client_name: metadata.name,
    client_uri: metadata.clientUri,
    logo_uri: metadata.logoUri,
    post_logout_redirect_uris: metadata.postLogoutRedirectUris.length > 0 ? metadata.postLogoutRedirectUris : undefined,
    token_endpoint_auth_signing_alg: metadata.authSigningAlg,
    jwks: metadata.jwks === null ? undefined : (JSON.parse(metadata.jwks) as unknown),
    jwks_uri: metadata.jwksUri,
    dpop_bound_access_tokens: metadata.dpopBound || undefined,
    scope: scopes === null ? undefined : formatScope(scopes),
    manage_registration: managesItself || undefined,
  }
  return {
    redirect_uris: metadata.redirectUris,
    application_type: metadata.applicationType,
    token_endpoint_auth_method: metadata.authMethod,
    grant_types: metadata.grantTypes,
    response_types: ['code'],
    id_token_signed_response_alg: metadata.idTokenAlg,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined && value !== null)),
  }
}
