import {
  type AuthorizationServerMetadata,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  type FetchLike,
  type OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/client'
import { sameResource } from '@permitry/oauth'
import { ClientError } from '../errors.ts'
import { isRegisteredAt, type Settings } from '../settings.ts'

/** What is known about who guards an MCP server. */
export interface Discovery {
  /** The MCP server as the app named it. */
  readonly server: string
  /** The resource as its metadata writes it: that spelling becomes the audience of tokens. */
  readonly resource: string
  readonly issuer: string
  /** As the server's metadata writes it. */
  readonly authorizationServer: string
  readonly metadata: AuthorizationServerMetadata | undefined
  readonly scopesSupported: readonly string[] | undefined
  /** Where a challenge said that the server's metadata is. */
  readonly resourceMetadataUrl: string | undefined
  readonly foundAt: number
}

/**
 * Finds the authorization server of an MCP server: protected resource metadata (RFC 9728; at the address in the challenge,
 * else at the well-known places), then the authorization server's own (RFC 8414, OpenID Connect Discovery). Where several
 * are listed, one at which the app is registered wins. Every address is fetched through the guarded network.
 */
export async function discover(
  server: string,
  resourceMetadataUrl: string | undefined,
  settings: Pick<Settings, 'registrations' | 'legacyServers' | 'network' | 'now'>,
  fetchFn: FetchLike,
): Promise<Discovery> {
  const resourceMetadata = await readResourceMetadata(server, resourceMetadataUrl, fetchFn)
  const resource = checkedResource(server, resourceMetadata)
  const listed = resourceMetadata?.authorization_servers ?? []
  const ours = listed.find((issuer) => isRegisteredAt(issuer, settings))
  const authorizationServer = ours ?? listed[0] ?? new URL('/', server).href
  const metadata = await discoverAuthorizationServerMetadata(authorizationServer, { fetchFn })
  checkMetadata(authorizationServer, metadata, settings)
  return {
    server,
    resource,
    issuer: metadata?.issuer ?? authorizationServer,
    authorizationServer,
    metadata,
    scopesSupported: resourceMetadata?.scopes_supported,
    resourceMetadataUrl,
    foundAt: settings.now(),
  }
}

async function readResourceMetadata(
  server: string,
  resourceMetadataUrl: string | undefined,
  fetchFn: FetchLike,
): Promise<OAuthProtectedResourceMetadata | undefined> {
  try {
    const options = resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }
    return await discoverOAuthProtectedResourceMetadata(server, options, fetchFn)
  } catch (error) {
    // Only a server without metadata may be one of MCP 2025-03-26. One that points to it and has none, one that cannot be
    // reached and one whose address is refused are not: guessing another authorization server would be wrong.
    if (resourceMetadataUrl !== undefined || error instanceof TypeError || error instanceof ClientError) throw error
    return undefined
  }
}

/**
 * RFC 9728 §3.3: metadata of another resource must not be used, or a server could have tokens made that open another one.
 * The document at the root of an origin (MCP Discovery) may speak for the origin.
 */
function checkedResource(server: string, metadata: OAuthProtectedResourceMetadata | undefined): string {
  if (metadata === undefined) return server
  const { resource } = metadata
  if (sameResource(resource, server) || sameResource(resource, new URL(server).origin)) return resource
  throw new ClientError('resource_mismatch', `the metadata of \`${server}\` is that of \`${resource}\``)
}

function checkMetadata(
  authorizationServer: string,
  metadata: AuthorizationServerMetadata | undefined,
  { legacyServers, network }: Pick<Settings, 'legacyServers' | 'network'>,
): void {
  if (metadata === undefined) {
    if (legacyServers) return
    throw new ClientError('metadata_missing', `\`${authorizationServer}\` has no metadata (see \`legacyServers\`)`)
  }
  // MCP Security, Authorization Code Protection: a server that does not say S256 is one without PKCE.
  if (metadata.code_challenge_methods_supported?.includes('S256') !== true && !legacyServers)
    throw new ClientError('pkce_unsupported', `\`${metadata.issuer}\` does not say that it does PKCE with S256`)
  // Before a person is sent anywhere. The browser opens the first of them, so that no fetch would check it.
  for (const endpoint of ENDPOINTS) {
    const address: unknown = (metadata as Record<string, unknown>)[endpoint]
    const refusal = typeof address === 'string' ? network.check(address) : undefined
    if (refusal !== undefined)
      throw new ClientError(
        'address_refused',
        `refused the ${endpoint} \`${String(address).slice(0, 200)}\`: ${refusal}`,
      )
  }
}

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint']
