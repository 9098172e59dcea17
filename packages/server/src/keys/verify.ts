import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Realm } from '../realm.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import { isPublished, stateOf } from './key-life.ts'
import { signsTokens, toPublicJwk } from './signer.ts'

export interface OwnToken {
  /** `at+jwt` for an access token, `JWT` for an ID token. */
  readonly typ: string
  readonly claims: JWTPayload
}

/**
 * Verifies that a compact JWT was signed by this tenant. With `expired: 'accepted'` an old one passes, as a hint may be, also
 * after its key has left the JWKS. What a revoked key signed never passes. Undefined for anything else. Does not check
 * audience, client or whether the family still lives.
 */
export async function verifyOwnToken(
  realm: Realm,
  token: string,
  { expired = 'refused' }: { expired?: 'accepted' | 'refused' } = {},
): Promise<OwnToken | undefined> {
  // jose tolerates padding and white space inside segments (Wycheproof tcId 360 to 375); one token has one spelling.
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  const now = realm.now()
  const counts = (key: SigningKey) =>
    signsTokens(key) && (expired === 'accepted' ? stateOf(key, now) !== 'revoked' : isPublished(key, now))
  const keys = (await realm.read((t) => t.signingKeys.all())).filter(counts).map(toPublicJwk)
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys }), {
      issuer: realm.issuer,
      algorithms: ['ES256', 'RS256', 'EdDSA', 'Ed25519'],
      currentDate: new Date(expired === 'accepted' ? 0 : now),
      requiredClaims: ['exp', 'iat', 'sub', 'aud'],
    })
    return protectedHeader.typ === undefined ? undefined : { typ: protectedHeader.typ, claims: payload }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
