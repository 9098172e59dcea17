import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import type { Settings } from '../settings.ts'
import { readClaims, type Caller } from './claims.ts'

/** What each authorization server has to offer at least one of; nothing symmetric, and never `none`. */
export const ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'RS256']
const CLOCK_TOLERANCE_SECONDS = 30

/** Checks a signed access token by the keys of its issuer, RFC 9068 §4; undefined for one that is not good. */
export async function verifyJwt(
  token: string,
  issuer: string,
  keys: JWTVerifyGetKey,
  settings: Settings,
): Promise<Caller | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      typ: 'at+jwt',
      issuer,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(settings.clock()),
    })
    // `crit` names extensions that must be understood, RFC 7515 §4.1.11: none is, not even those that jose knows.
    if (protectedHeader.crit !== undefined) return undefined
    return readClaims(payload, settings)
  } catch (error) {
    // Everything that jose finds wrong with a token is a JOSEError; anything else is a fault and no verdict.
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
