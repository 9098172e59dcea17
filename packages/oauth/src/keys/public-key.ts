import { err, ok, type Result } from '../result.ts'
import { hasRocaFingerprint } from './roca.ts'

/** Algorithms by which others may prove something to us. All are asymmetric: a shared secret proves nothing to a third party. */
export const SIGNING_ALGS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const
export type SigningAlg = (typeof SIGNING_ALGS)[number]

/** A public key of somebody else, with the algorithms that it may verify. `jwk` has the members of the key and no others. */
export interface PublicKey {
  readonly algs: readonly SigningAlg[]
  readonly jwk: Readonly<Record<string, string>>
}

const CURVES: Readonly<Record<string, { bytes: number; algs: readonly SigningAlg[] }>> = {
  'P-256': { bytes: 32, algs: ['ES256'] },
  'P-384': { bytes: 48, algs: ['ES384'] },
  'P-521': { bytes: 66, algs: ['ES512'] },
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: members that only the owner of a key may have. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * Checks what jose takes on trust in a JWK. Undefined for one that is of no use here; an error for one that must not be in use
 * anywhere. Does not tell whether a point is on its curve: whoever imports the key does.
 */
export function publicKeyOf(jwk: Readonly<Record<string, unknown>>): Result<PublicKey | undefined> {
  if (jwk['kty'] === 'oct' || PRIVATE_MEMBERS.some((member) => member in jwk))
    return err('a key is private or symmetric: publish public keys only, and replace the one that was shown')
  const { kty, use, key_ops: operations, alg } = jwk
  if (use !== undefined && use !== 'sig') return ok(undefined)
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return ok(undefined)
  const key = kty === 'RSA' ? rsaKey(jwk) : kty === 'EC' ? ecKey(jwk) : kty === 'OKP' ? okpKey(jwk) : undefined
  if (!key) return ok(undefined)
  if (!key.ok) return key
  const algs = key.value.algs.filter((one) => alg === undefined || alg === one)
  return ok(algs.length === 0 ? undefined : { algs, jwk: key.value.jwk })
}

/** NIST SP 800-131A for the size; RFC 8017 §3.1 wants an odd exponent, and small ones have been broken too often. */
function rsaKey({ n, e }: Readonly<Record<string, unknown>>): Result<PublicKey> {
  const [modulus, exponent] = [decode(n), decode(e)]
  if (!modulus || !exponent || modulus[0] === 0 || exponent[0] === 0)
    return err('an RSA key has `n` and `e` in base64url, without zero bytes in front (RFC 7518 §6.3.1)')
  const value = numberOf(modulus)
  const bits = value.toString(2).length
  if (bits < 2048 || bits > 8192) return err('an RSA key has 2048 to 8192 bits')
  const power = numberOf(exponent)
  if (power < 65537n || power % 2n === 0n || exponent.length > 4)
    return err('the exponent of an RSA key is odd, at least 65537 and below 2^32')
  if (value % 2n === 0n) return err('the modulus of an RSA key is odd')
  if (hasRocaFingerprint(value)) return err('an RSA key comes from a generator that is broken (ROCA): make a new one')
  return ok({ jwk: { kty: 'RSA', n: String(n), e: String(e) }, algs: ['RS256', 'PS256'] })
}

/** RFC 7518 §6.2.1: coordinates have the full length of the curve. */
function ecKey({ crv, x, y }: Readonly<Record<string, unknown>>): Result<PublicKey> | undefined {
  const curve = typeof crv === 'string' && Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined
  if (!curve) return undefined
  if (decode(x)?.length !== curve.bytes || decode(y)?.length !== curve.bytes)
    return err(`a key on ${String(crv)} has \`x\` and \`y\` of ${curve.bytes} bytes each in base64url`)
  return ok({ jwk: { kty: 'EC', crv: String(crv), x: String(x), y: String(y) }, algs: curve.algs })
}

/** RFC 8037 §2. */
function okpKey({ crv, x }: Readonly<Record<string, unknown>>): Result<PublicKey> | undefined {
  if (crv !== 'Ed25519') return undefined
  if (decode(x)?.length !== 32) return err('a key on Ed25519 has an `x` of 32 bytes in base64url')
  return ok({ jwk: { kty: 'OKP', crv, x: String(x) }, algs: ['EdDSA', 'Ed25519'] })
}

/** Strict base64url: one value has one spelling, so that one key has one. */
function decode(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]+$/.test(value) || value.length % 4 === 1) return undefined
  const binary = atob(value.replaceAll('-', '+').replaceAll('_', '/'))
  if (btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') !== value) return undefined
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
}
