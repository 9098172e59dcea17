import { fromBase64url } from '../base64url.ts'

/**
 * Says whether an ID token names a person, to one client, OpenID Connect Core §3.1.3.7. Its signature is not verified:
 * it came from the token endpoint over TLS, which vouches for it (step 6). Without a token nobody is named.
 */
export function isIdTokenOf(subject: string, idToken: string | undefined, issuer: string, clientId: string): boolean {
  const { iss, sub, aud } = claimsOf(idToken ?? '')
  return iss === issuer && sub === subject && (Array.isArray(aud) ? aud.includes(clientId) : aud === clientId)
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const bytes = fromBase64url(token.split('.')[1] ?? '')
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}
