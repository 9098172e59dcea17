import type { JWTPayload } from 'jose'
import type { Family } from '../store/repositories/families.ts'
import type { Subject } from '../store/repositories/subjects.ts'

/** The claims of an ID token (OIDC Core §2): for the client, never for an MCP server. */
export function idTokenClaims(
  common: JWTPayload,
  clientId: string,
  family: Family,
  subject: Subject,
  identityScopes: readonly string[],
): JWTPayload {
  return {
    ...common,
    aud: clientId,
    ...(family.nonce === null ? {} : { nonce: family.nonce }),
    ...(family.sessionId === null ? {} : { sid: family.sessionId }),
    ...identityClaims(subject, identityScopes),
  }
}

/** The claims that `profile` and `email` open (OIDC Core §5.4). An address counts as verified only when we sent it a message, which we do not. */
export function identityClaims(subject: Subject, identityScopes: readonly string[]): JWTPayload {
  return {
    ...(identityScopes.includes('profile')
      ? { name: subject.name, ...(subject.username === null ? {} : { preferred_username: subject.username }) }
      : {}),
    ...(identityScopes.includes('email') && subject.email !== null
      ? { email: subject.email, email_verified: false }
      : {}),
  }
}
