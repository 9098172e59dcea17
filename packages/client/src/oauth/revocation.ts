import type { FetchLike } from '@modelcontextprotocol/client'
import type { Settings } from '../settings.ts'
import { clientAuthentication } from './client-auth.ts'
import type { Discovery } from './discovery.ts'
import { knownClient } from './registration.ts'
import type { TokenRecord } from './tokens.ts'

/**
 * Revokes tokens at their authorization server, RFC 7009: the refresh token, which takes the rest along. Tried once, and
 * after they are deleted here: whatever the server says, nobody here has them any more, and they end by themselves.
 */
export async function revokeTokens(
  { refreshToken, accessToken, clientId }: TokenRecord,
  { issuer, metadata }: Discovery,
  settings: Settings,
  fetchFn: FetchLike,
): Promise<void> {
  const client = await knownClient(issuer, clientId, settings)
  const endpoint =
    metadata !== undefined && 'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined
  if (client === undefined || typeof endpoint !== 'string') return
  const body = new URLSearchParams({
    token: refreshToken ?? accessToken,
    token_type_hint: refreshToken === undefined ? 'access_token' : 'refresh_token',
  })
  const headers = new Headers()
  await clientAuthentication(client)(headers, body, endpoint, metadata)
  try {
    await fetchFn(endpoint, { method: 'POST', headers, body })
  } catch {
    // Out of reach.
  }
}
