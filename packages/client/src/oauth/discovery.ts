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
  const found = await readResourceMetadata(server, resourceMetadataUrl, fetchFn)
  if (found === undefined && !settings.legacyServers)
    throw new ClientError('metadata_missing', `\`${server}\` does not say who guards it (see \`legacyServers\`)`)
  const resource = found === undefined ? server : checkedResource(server, found)
  const listed = found?.metadata.authorization_servers ?? []
  const ours = listed.find((issuer) => isRegisteredAt(issuer, settings))
  const authorizationServer = ours ?? listed[0] ?? new URL('/', server).href
  const metadata = await discoverAuthorizationServerMetadata(authorizationServer, { fetchFn })
  // Whoever has resource metadata knows a later revision of MCP, where no authorization server is without its own and PKCE.
  checkMetadata(authorizationServer, metadata, found === undefined, settings.network)
  return {
    server,
    resource,
    issuer: metadata?.issuer ?? authorizationServer,
    authorizationServer,
    metadata,
    scopesSupported: found?.metadata.scopes_supported,
    resourceMetadataUrl,
    foundAt: settings.now(),
  }
}

interface ResourceMetadata {
  readonly metadata: OAuthProtectedResourceMetadata
  /** Where it was found. */
  readonly url: URL
}

async function readResourceMetadata(
  server: string,
  resourceMetadataUrl: string | undefined,
  fetchFn: FetchLike,
): Promise<ResourceMetadata | undefined> {
  let last = { url: new URL(server), status: 0 }
  const watched: FetchLike = async (url, init) => {
    const response = await fetchFn(url, init)
    last = { url: new URL(url), status: response.status }
    return response
  }
  try {
    const options = resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }
    return { metadata: await discoverOAuthProtectedResourceMetadata(server, options, watched), url: last.url }
  } catch (error) {
    // Only a server without metadata may be one of MCP 2025-03-26. One that points to it and has none, one that cannot be
    // reached or fails, and one whose metadata is broken are not: guessing another authorization server would be wrong.
    const hasNone = last.status >= 300 && last.status < 500
    if (resourceMetadataUrl !== undefined || !hasNone || error instanceof TypeError || error instanceof ClientError)
      throw error
    return undefined
  }
}

/**
 * RFC 9728 §3.3: metadata of another resource must not be used, or a server could have tokens made that open another one.
 * A document of the origin (MCP Discovery) may speak for all of it; one that a server keeps elsewhere may not, or one of
 * several servers at an origin could have tokens made for the others.
 */
function checkedResource(server: string, { metadata: { resource }, url }: ResourceMetadata): string {
  const { origin } = new URL(server)
  const isOfOrigin = url.origin === origin && url.pathname.startsWith('/.well-known/oauth-protected-resource')
  if (sameResource(resource, server) || (isOfOrigin && sameResource(resource, origin))) return resource
  throw new ClientError('resource_mismatch', `the metadata of \`${server}\` is that of \`${resource}\``)
}

function checkMetadata(
  authorizationServer: string,
  metadata: AuthorizationServerMetadata | undefined,
  isLegacy: boolean,
  network: Settings['network'],
): void {
  if (metadata === undefined) {
    if (isLegacy) return
    throw new ClientError('metadata_missing', `\`${authorizationServer}\` has no metadata`)
  }
  // MCP Security, Authorization Code Protection: a server that does not say S256 is one without PKCE.
  if (metadata.code_challenge_methods_supported?.includes('S256') !== true && !isLegacy)
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
