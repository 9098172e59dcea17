import { errorDescription, type OAuthErrorCode } from './errors.ts'
import { formatScope, isScopeToken } from './scope.ts'

/** What a challenge says; members left out are left out of the header. */
export interface BearerChallenge {
  readonly realm?: string
  readonly error?: OAuthErrorCode
  /** May quote attacker-controlled input: it is brought into the characters that the header allows. */
  readonly errorDescription?: string
  readonly scope?: readonly string[]
  /** URL of the protected resource metadata document, RFC 9728 §5.1. */
  readonly resourceMetadata?: string
  /** Authentication contexts that would do, RFC 9470 §3. */
  readonly acrValues?: readonly string[]
  /** Greatest acceptable age of the login in seconds, RFC 9470 §3. */
  readonly maxAge?: number
}

/**
 * Builds the value of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3, RFC 9728 §5.1, RFC 9470 §3).
 * Throws a TypeError for control and non-ASCII characters, which could add header lines, and for malformed scopes.
 */
export function bearerChallenge(challenge: BearerChallenge): string {
  return write('Bearer', challenge, [])
}

/** The same for tokens that are bound to a key, with the algorithms that proofs may be signed by (RFC 9449 §7.1). */
export function dpopChallenge(challenge: BearerChallenge, algs: readonly string[]): string {
  return write('DPoP', challenge, [['algs', algs.join(' ')]])
}

function write(scheme: string, challenge: BearerChallenge, more: readonly [name: string, value: string][]): string {
  const { realm, error, errorDescription: description, scope, resourceMetadata, acrValues, maxAge } = challenge
  if (scope?.some((token) => !isScopeToken(token)))
    throw new TypeError('a challenge must name scopes as RFC 6749 §3.3 writes them')
  const parameters: [name: string, value: string | undefined][] = [
    ['realm', realm],
    ['error', error],
    ['error_description', description === undefined ? undefined : errorDescription(description)],
    ['scope', scope === undefined ? undefined : formatScope(scope)],
    ['resource_metadata', resourceMetadata],
    ['acr_values', acrValues?.join(' ')],
    ['max_age', maxAge?.toString()],
    ...more,
  ]
  const written = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]))
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`
}

function quoted(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new TypeError('a challenge must not have control or non-ASCII characters')
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
