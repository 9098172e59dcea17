import { createPublicKey } from 'node:crypto'
import { err, ok, type Result } from '@permitry/oauth'
import type { JWK } from 'jose'
import { hasRocaFingerprint } from './roca.ts'

/** Algorithms that a client may sign with. All are asymmetric: a shared secret proves nothing to a third party. */
export const CLIENT_SIGNING_ALGS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const
export type ClientSigningAlg = (typeof CLIENT_SIGNING_ALGS)[number]

/** A public key of a client, with the algorithms that it may verify. `jwk` has the members of the key and no others. */
export interface ClientKey {
  readonly kid: string | undefined
  readonly algs: readonly ClientSigningAlg[]
  readonly jwk: JWK
}

/** A JWK Set of two dozen keys is far below both; more is something else by mistake or on purpose. */
export const MAX_JWKS_BYTES = 32_768
const MAX_KEYS = 24

const CURVES: Readonly<Record<string, { bytes: number; algs: readonly ClientSigningAlg[] }>> = {
  'P-256': { bytes: 32, algs: ['ES256'] },
  'P-384': { bytes: 48, algs: ['ES384'] },
  'P-521': { bytes: 66, algs: ['ES512'] },
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: members that only the owner of a key may have. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * Reads the JWK Set of a client (RFC 7517 §5) and checks what jose takes on trust. One dangerous key refuses the whole set: a
 * private or symmetric one, a weak or malformed one, a `kid` that stands twice. Keys of other kinds or for other uses are left
 * out, and at least one must remain.
 */
export function parseClientKeys(text: string): Result<readonly ClientKey[]> {
  if (Buffer.byteLength(text) > MAX_JWKS_BYTES) return err(`a JWK Set has at most ${MAX_JWKS_BYTES} bytes`)
  const jwks = readKeys(text)
  if (!jwks) return err('a JWK Set is a JSON object with `keys`, a list of objects')
  if (jwks.length > MAX_KEYS) return err(`a JWK Set has at most ${MAX_KEYS} keys`)
  const kids = jwks.map(({ kid }) => kid).filter((kid) => kid !== undefined)
  if (!kids.every((kid) => typeof kid === 'string' && kid !== '' && kid.length <= 256))
    return err('a `kid` is a text of 1 to 256 characters')
  if (new Set(kids).size < kids.length) return err('two keys have the same `kid`: give each its own')

  const keys: ClientKey[] = []
  for (const jwk of jwks) {
    const key = parseClientKey(jwk)
    if (!key.ok) return key
    if (key.value) keys.push(key.value)
  }
  return keys.length > 0 ? ok(keys) : err(`no key can sign by one of ${CLIENT_SIGNING_ALGS.join(', ')}`)
}

/**
 * The one key for a signature: the one that `kid` names, or, without `kid`, the only one that fits (OIDC Core §10.1). Never a
 * guess among several.
 */
export function selectClientKey(
  keys: readonly ClientKey[],
  { kid, alg }: { readonly kid?: string | undefined; readonly alg: string },
): ClientKey | undefined {
  const fitting = keys.filter((key) => key.algs.some((one) => one === alg) && (kid === undefined || key.kid === kid))
  return fitting.length === 1 ? fitting[0] : undefined
}

function readKeys(text: string): readonly Record<string, unknown>[] | undefined {
  try {
    const set = JSON.parse(text) as { keys?: unknown } | null
    const keys = set?.keys
    if (!Array.isArray(keys)) return undefined
    const isRecord = (key: unknown) => typeof key === 'object' && key !== null && !Array.isArray(key)
    return keys.every(isRecord) ? (keys as Record<string, unknown>[]) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Checks one key by the same rules. Undefined for one that is of no use here; an error for one that must not be in use anywhere. */
export function parseClientKey(jwk: Record<string, unknown>): Result<ClientKey | undefined> {
  if (jwk['kty'] === 'oct' || PRIVATE_MEMBERS.some((member) => member in jwk))
    return err('a key is private or symmetric: publish public keys only, and replace the one that was shown')
  const { kty, kid, use, key_ops: operations, alg } = jwk
  if (use !== undefined && use !== 'sig') return ok(undefined)
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return ok(undefined)
  const material = kty === 'RSA' ? readRsa(jwk) : kty === 'EC' ? readEc(jwk) : kty === 'OKP' ? readOkp(jwk) : undefined
  if (!material) return ok(undefined)
  if (!material.ok) return material
  const algs = material.value.algs.filter((one) => alg === undefined || alg === one)
  if (algs.length === 0) return ok(undefined)
  const problem = checkImports(material.value.jwk)
  return problem === undefined ? ok({ kid: kid as string | undefined, algs, jwk: material.value.jwk }) : err(problem)
}

interface Material {
  readonly jwk: JWK
  readonly algs: readonly ClientSigningAlg[]
}

/** NIST SP 800-131A for the size; RFC 8017 §3.1 wants an odd exponent, and small ones have been broken too often. */
function readRsa({ n, e }: Record<string, unknown>): Result<Material> {
  const [modulus, exponent] = [decode(n), decode(e)]
  if (!modulus || !exponent || modulus[0] === 0 || exponent[0] === 0)
    return err('an RSA key has `n` and `e` in base64url, without zero bytes in front (RFC 7518 §6.3.1)')
  const value = BigInt(`0x${modulus.toString('hex')}`)
  const bits = value.toString(2).length
  if (bits < 2048 || bits > 8192) return err('an RSA key has 2048 to 8192 bits')
  const power = BigInt(`0x${exponent.toString('hex')}`)
  if (power < 65537n || power % 2n === 0n || exponent.length > 4)
    return err('the exponent of an RSA key is odd, at least 65537 and below 2^32')
  if (value % 2n === 0n) return err('the modulus of an RSA key is odd')
  if (hasRocaFingerprint(value)) return err('an RSA key comes from a generator that is broken (ROCA): make a new one')
  return ok({ jwk: { kty: 'RSA', n: String(n), e: String(e) }, algs: ['RS256', 'PS256'] })
}

/** RFC 7518 §6.2.1: coordinates have the full length of the curve. Whether the point is on it, `checkImports` says. */
function readEc({ crv, x, y }: Record<string, unknown>): Result<Material> | undefined {
  const curve = typeof crv === 'string' && Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined
  if (!curve) return undefined
  if (decode(x)?.length !== curve.bytes || decode(y)?.length !== curve.bytes)
    return err(`a key on ${String(crv)} has \`x\` and \`y\` of ${curve.bytes} bytes each in base64url`)
  return ok({ jwk: { kty: 'EC', crv: String(crv), x: String(x), y: String(y) }, algs: curve.algs })
}

/** RFC 8037 §2. */
function readOkp({ crv, x }: Record<string, unknown>): Result<Material> | undefined {
  if (crv !== 'Ed25519') return undefined
  if (decode(x)?.length !== 32) return err('a key on Ed25519 has an `x` of 32 bytes in base64url')
  return ok({ jwk: { kty: 'OKP', crv, x: String(x) }, algs: ['EdDSA', 'Ed25519'] })
}

/** A point that is not on its curve makes a key that may tell or accept anything; the platform refuses it. */
function checkImports(jwk: JWK): string | undefined {
  try {
    createPublicKey({ key: { ...jwk }, format: 'jwk' })
    return undefined
  } catch {
    return 'a key is not valid: its point is not on its curve, or its numbers make no key'
  }
}

/** Strict base64url: one value has one spelling, so that one key has one. */
function decode(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]+$/.test(value)) return undefined
  const bytes = Buffer.from(value, 'base64url')
  return bytes.toString('base64url') === value ? bytes : undefined
}
