import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Realm } from '../realm.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import { isPublished } from './key-life.ts'
import { openPrivateKey } from './key-pair.ts'

/**
 * The public halves of all keys that tokens may be verified with, now or soon (RFC 7517 §5); or those of signals, which are
 * published apart, so that a signal is never taken for a token (RFC 8417 §4.5).
 */
export async function jwks(realm: Realm, of: 'tokens' | 'signals' = 'tokens'): Promise<{ keys: JWK[] }> {
  const keys = (await realm.read((t) => t.signingKeys.all())).filter((key) => isPublished(key, realm.now()))
  return { keys: keys.filter((key) => signsTokens(key) === (of === 'tokens')).map(toPublicJwk) }
}

export function signsTokens({ purpose }: SigningKey): boolean {
  return purpose !== 'signals'
}

/** Ed25519 goes by two names of one algorithm, `EdDSA` and `Ed25519` (RFC 9864 §2.2): that key fits both without `alg`. */
export function toPublicJwk({ kid, alg, public_jwk }: SigningKey): JWK {
  return { ...(JSON.parse(public_jwk) as JWK), kid, ...(alg === 'EdDSA' ? {} : { alg }), use: 'sig' }
}

/** The header of a JWT: `typ` tells the kinds apart, `at+jwt` (RFC 9068 §2.1), `JWT` or `secevent+jwt` (RFC 8417 §2.3). */
interface TokenHeader {
  readonly typ: 'at+jwt' | 'JWT' | 'secevent+jwt'
  /** Another name of the key's algorithm; its own when left out. */
  readonly alg?: string
}

/** Signs claims as a JWT with a stored key. */
export async function sign(
  realm: Realm,
  key: SigningKey,
  { typ, alg = key.alg }: TokenHeader,
  claims: JWTPayload,
): Promise<string> {
  const load = () => importJWK(openPrivateKey(realm.secrets.envelope, realm.tenant, key), key.alg)
  const privateKey = await realm.privateKeys.get(key.kid, load)
  return new SignJWT(claims).setProtectedHeader({ alg, kid: key.kid, typ }).sign(privateKey)
}
