import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Realm } from '../realm.ts'
import { jwks } from './signer.ts'

export interface OwnToken {
  /** `at+jwt` for an access token, `JWT` for an ID token. */
  readonly typ: string
  readonly claims: JWTPayload
}

/**
 * Verifies that a compact JWT was signed by this tenant. With `expired: 'accepted'` an old one passes, as a hint may be.
 * Undefined for anything else. Does not check audience, client or whether the family still lives.
 */
export async function verifyOwnToken(
  realm: Realm,
  token: string,
  { expired = 'refused' }: { expired?: 'accepted' | 'refused' } = {},
): Promise<OwnToken | undefined> {
  // jose tolerates padding and white space inside segments (Wycheproof tcId 360 to 375); one token has one spelling.
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await jwks(realm)), {
      issuer: realm.issuer,
      algorithms: ['ES256', 'RS256'],
      currentDate: new Date(expired === 'accepted' ? 0 : realm.now()),
      requiredClaims: ['exp', 'iat', 'sub', 'aud'],
    })
    return protectedHeader.typ === undefined ? undefined : { typ: protectedHeader.typ, claims: payload }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
