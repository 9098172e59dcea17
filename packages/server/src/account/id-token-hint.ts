import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'

/** What an ID token of ours says when it comes back as `id_token_hint`: for whom, for which client and of which session it was. */
export interface IdTokenHint {
  readonly subjectId: string
  readonly clientId: string
  readonly sessionId: string | undefined
}

/**
 * Reads an `id_token_hint` (OIDC Core §3.1.2.1, RP-Initiated Logout §2): an ID token that this tenant signed, expired or
 * not. It is a hint and no credential, so nothing may be granted on it.
 */
export async function readIdTokenHint(realm: Realm, hint: string | undefined): Promise<IdTokenHint | undefined> {
  const token = hint === undefined ? undefined : await verifyOwnToken(realm, hint, { expired: 'accepted' })
  if (token?.typ !== 'JWT') return undefined
  const { sub, aud, sid } = token.claims
  if (sub === undefined || typeof aud !== 'string') return undefined
  return { subjectId: sub, clientId: aud, sessionId: typeof sid === 'string' ? sid : undefined }
}
