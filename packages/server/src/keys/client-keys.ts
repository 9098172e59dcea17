import { createPublicKey } from 'node:crypto'
import { err, ok, publicKeyOf, type Result, SIGNING_ALGS, type SigningAlg } from '@permitry/oauth'
import type { JWK } from 'jose'

/** A public key of a client, with the algorithms that it may verify. `jwk` has the members of the key and no others. */
export interface ClientKey {
  readonly kid: string | undefined
  readonly algs: readonly SigningAlg[]
  readonly jwk: JWK
}

/** A JWK Set of two dozen keys is far below both; more is something else by mistake or on purpose. */
export const MAX_JWKS_BYTES = 32_768
const MAX_KEYS = 24

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
  return keys.length > 0 ? ok(keys) : err(`no key can sign by one of ${SIGNING_ALGS.join(', ')}`)
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
function parseClientKey(jwk: Record<string, unknown>): Result<ClientKey | undefined> {
  const key = publicKeyOf(jwk)
  if (!key.ok || key.value === undefined) return key.ok ? ok(undefined) : key
  const problem = checkImports(key.value.jwk)
  return problem === undefined ? ok({ kid: jwk['kid'] as string | undefined, ...key.value }) : err(problem)
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
