import { type FetchLike, OAuthError, OAuthErrorCode, refreshAuthorization } from '@modelcontextprotocol/client'
import { ClientError } from '../errors.ts'
import type { Settings } from '../settings.ts'
import { type Place, rowOf } from '../store/keys.ts'
import { withLease } from '../store/lease.ts'
import { clientAuthentication } from './client-auth.ts'
import type { Discovery } from './discovery.ts'
import { isClientRefused, knownClient } from './registration.ts'
import { isAlive, isFresh, type TokenRecord, tokenRecord } from './tokens.ts'

/** What a refresh needs to know beside the tokens. */
export interface RefreshContext {
  readonly settings: Settings
  readonly place: Place
  readonly discover: () => Promise<Discovery>
  readonly fetchFn: FetchLike
}

/** Refreshes of this process that are under way, by row. One map an app, so that its users share nothing by accident. */
export type Refreshes = Map<string, Promise<TokenRecord | undefined>>

/** Longer than all that happens under it: a token request of at most 10 seconds. */
const LEASE_MS = 20_000

/**
 * The tokens of a place, refreshed when they end soon, or when a server just refused `refused`. Parallel callers in this
 * process, and in others that share the store, wait for one refresh. Undefined: somebody has to log in.
 */
export async function freshTokens(
  context: RefreshContext,
  refreshes: Refreshes,
  refused?: string,
): Promise<TokenRecord | undefined> {
  const { settings, place } = context
  const row = rowOf.tokens(place)
  const current = (await settings.store.read<TokenRecord>(row))?.value
  if (current === undefined || isUsable(current, refused, settings.now())) return current
  if (current.refreshToken === undefined)
    return refused === undefined && isAlive(current, settings.now()) ? current : undefined

  const underWay = refreshes.get(row)
  if (underWay !== undefined) return underWay
  const refresh = refreshInTurn(context, row, current, refused).finally(() => refreshes.delete(row))
  refreshes.set(row, refresh)
  return refresh
}

function isUsable(tokens: TokenRecord, refused: string | undefined, now: number): boolean {
  return tokens.accessToken !== refused && isFresh(tokens, now)
}

/** Documents are read before it is this one's turn: how long that takes depends on others. */
async function refreshInTurn(
  context: RefreshContext,
  row: string,
  current: TokenRecord,
  refused: string | undefined,
): Promise<TokenRecord | undefined> {
  const { store, now } = context.settings
  let discovery: Discovery
  try {
    discovery = await context.discover()
  } catch (error) {
    if (error instanceof ClientError && error.code !== 'limit_exceeded') throw error
    return afterFailure(error, context, row, current, refused)
  }
  const lease = { store, now, milliseconds: LEASE_MS }
  return withLease(row, lease, () => refreshOnce(context, discovery, row, refused))
}

async function refreshOnce(
  context: RefreshContext,
  discovery: Discovery,
  row: string,
  refused: string | undefined,
): Promise<TokenRecord | undefined> {
  const { settings, place, fetchFn } = context
  const stored = await settings.store.read<TokenRecord>(row)
  // Somebody else refreshed while this one waited for the lease.
  if (stored === undefined || isUsable(stored.value, refused, settings.now())) return stored?.value
  const { refreshToken, clientId, scopes, withheld } = stored.value
  const client = await knownClient(place.issuer, clientId, settings)
  // The server moved to another authorization server: this refresh token is not for it, and the tokens are of no use there.
  if (refreshToken === undefined || client === undefined || discovery.issuer !== place.issuer) return undefined
  try {
    const tokens = await refreshAuthorization(discovery.authorizationServer, {
      ...(discovery.metadata === undefined ? {} : { metadata: discovery.metadata }),
      clientInformation: client,
      refreshToken,
      resource: place.resource,
      addClientAuthentication: clientAuthentication(client),
      fetchFn,
    })
    const record = tokenRecord(tokens, { scopes, withheld, clientId }, settings.now())
    // Not written when the row changed meanwhile: a person who signed out must not be signed in again by a late answer.
    if (await settings.store.write(row, stored, record)) return record
    return (await settings.store.read<TokenRecord>(row))?.value
  } catch (error) {
    return afterFailure(error, context, row, stored.value, refused)
  }
}

async function afterFailure(
  error: unknown,
  { settings, place }: RefreshContext,
  row: string,
  presented: TokenRecord,
  refused: string | undefined,
): Promise<TokenRecord | undefined> {
  const code = error instanceof OAuthError ? error.code : undefined
  if (code === OAuthErrorCode.InvalidGrant) {
    // Ended: expired, withdrawn, or used by somebody else. A process whose lease ran out may have got the successor.
    const stored = await settings.store.read<TokenRecord>(row)
    if (stored === undefined || stored.value.refreshToken !== presented.refreshToken) return stored?.value
    await settings.store.remove(row, stored)
    return undefined
  }
  if (await isClientRefused(error, place.issuer, presented.clientId, settings)) return undefined
  // Whatever else it is will pass or must be mended, and no login helps: what still works is used, and nothing is thrown away.
  if (refused === undefined && isAlive(presented, settings.now())) return presented
  throw new ClientError('temporarily_unavailable', `\`${place.issuer}\` did not refresh a token: try again later`, {
    cause: error,
  })
}
