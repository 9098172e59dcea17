import type { Access, App } from '../access.ts'
import { rowOf } from '../store/keys.ts'
import { clientAuthentication } from './client-auth.ts'
import type { Discovery } from './discovery.ts'
import { knownClient } from './registration.ts'
import { removeRow } from '../store/store.ts'
import type { TokenRecord } from './tokens.ts'

/**
 * Deletes a user's tokens for a server, then revokes them, RFC 7009. Deleting comes first, and revoking is tried once:
 * a person who disconnects is disconnected here whatever the authorization server says.
 */
export async function revokeTokens({ who, oauthFetch }: Access, { settings }: App): Promise<void> {
  const { store } = settings
  const discovery = (await store.read<Discovery>(rowOf.discovery(who.server)))?.value
  if (discovery === undefined) return
  const { issuer, resource, metadata } = discovery
  const row = rowOf.tokens({ user: who.user, issuer, resource })
  const stored = await removeRow<TokenRecord>(row, store)
  if (stored === undefined) return
  const client = await knownClient(issuer, stored.clientId, settings)
  const endpoint =
    metadata !== undefined && 'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined
  if (client === undefined || typeof endpoint !== 'string') return

  const isRefresh = stored.refreshToken !== undefined
  const body = new URLSearchParams({
    token: stored.refreshToken ?? stored.accessToken,
    token_type_hint: isRefresh ? 'refresh_token' : 'access_token',
  })
  const headers = new Headers()
  await clientAuthentication(client)(headers, body, endpoint, metadata)
  try {
    await oauthFetch(endpoint, { method: 'POST', headers, body })
  } catch {
    // Out of reach: the tokens end by themselves, and nobody here has them any more.
  }
}
