import type { OAuthTokens } from '@modelcontextprotocol/client'
import { unionScopes } from '@permitry/oauth'
import { ClientError } from '../errors.ts'
import { scopesOf } from './challenge.ts'

/** Tokens of one user for one resource from one authorization server, as they are stored (sealed). */
export interface TokenRecord {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** When the access token ends (ms), where the server said it. */
  readonly expiresAt: number | undefined
  readonly clientId: string
  /** What the access token has. */
  readonly scopes: readonly string[]
  /** What was asked for and not given: by the person at consent, or because no role allows it. */
  readonly withheld: readonly string[]
}

/** Scopes that ask for something other than access to the resource, so that tokens need not list them. */
const NOT_OF_THE_RESOURCE = new Set(['offline_access', 'openid', 'profile', 'email'])

/** Turns a token response into a record, RFC 6749 §5.1: without `scope` everything that was asked for was given. */
export function tokenRecord(
  tokens: OAuthTokens,
  asked: { readonly scopes: readonly string[]; readonly withheld: readonly string[]; readonly clientId: string },
  now: number,
): TokenRecord {
  // DPoP and other bound tokens must be presented with a proof, which this package does not make yet.
  if (tokens.token_type.toLowerCase() !== 'bearer')
    throw new ClientError('unsupported_token_type', 'the authorization server gave a token that is not a bearer token')
  const scopes = tokens.scope === undefined ? asked.scopes : scopesOf(tokens.scope)
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: tokens.expires_in === undefined ? undefined : now + tokens.expires_in * 1000,
    clientId: asked.clientId,
    scopes,
    withheld: unionScopes(asked.withheld, asked.scopes).filter(
      (scope) => !scopes.includes(scope) && !NOT_OF_THE_RESOURCE.has(scope),
    ),
  }
}

/** Refreshing starts this long before the end, so that no request sets out with a token that ends on its way. */
const MARGIN_MS = 30_000

export function isFresh({ expiresAt }: TokenRecord, now: number): boolean {
  return expiresAt === undefined || now < expiresAt - MARGIN_MS
}

export function isAlive({ expiresAt }: TokenRecord, now: number): boolean {
  return expiresAt === undefined || now < expiresAt
}
