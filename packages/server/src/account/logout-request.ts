import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import { type IdTokenHint, readIdTokenHint } from './id-token-hint.ts'

/** A logout request (OIDC RP-Initiated Logout §2) after validation: what did not validate is not in here (§4). */
export interface LogoutRequest {
  readonly hint: IdTokenHint | undefined
  readonly client: Client | undefined
  /** Registered for the client, character by character. */
  readonly redirectUri: string | undefined
  readonly state: string | undefined
}

export async function readLogoutRequest(realm: Realm, sent: Readonly<Record<string, string>>): Promise<LogoutRequest> {
  const { id_token_hint: token, client_id: clientId, post_logout_redirect_uri: redirectUri, state } = sent
  const hint = await readIdTokenHint(realm, token)
  // A hint that is not ours, or was another client's, leaves nothing to believe of who is asking.
  const isBelievable = token === undefined || (hint && (clientId === undefined || clientId === hint.clientId))
  if (!isBelievable) return { hint: undefined, client: undefined, redirectUri: undefined, state }
  const id = hint?.clientId ?? clientId
  const known = id === undefined ? undefined : await realm.read((t) => t.clients.find(id))
  const client = known?.active ? known : undefined
  return { hint, client, redirectUri: client?.postLogoutRedirectUris.find((uri) => uri === redirectUri), state }
}

/** Where a request wants the person to go after the logout, with `state` as it was sent (§3). */
export function returnUrl({ redirectUri, state }: LogoutRequest): string | undefined {
  if (redirectUri === undefined || state === undefined) return redirectUri
  // Appended to the text that was registered, as in authorization responses: a URL parser would write its query anew.
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`
}
