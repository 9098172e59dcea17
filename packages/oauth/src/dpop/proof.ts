// Reads and checks a DPoP proof (RFC 9449 §4), for authorization server and MCP server alike. Whether its `jti` was spent
// before, whoever stores what was spent has to say.
import { base64url, calculateJwkThumbprint, compactVerify, errors, importJWK, type JWK } from 'jose'
import { publicKeyOf, SIGNING_ALGS } from '../keys/public-key.ts'
import { s256 } from '../pkce.ts'
import { err, ok, type Result } from '../result.ts'

/** Why a proof is refused; each name but the first and the last three is that of a check. */
export type ProofFailure =
  | 'malformed'
  | 'typ'
  | 'alg'
  | 'key'
  | 'extensions'
  | 'signature'
  | 'method'
  | 'uri'
  | 'time'
  | 'id'
  | 'nonce'
  | 'token'
  | 'missing'
  | 'replayed'

/** How far the clock of a client may be from ours, either way; a proof is of no use to anybody afterwards. */
export const PROOF_WINDOW_SECONDS = 300

/** What a proof must fit: the request that it came with. */
export interface ProofRequest {
  readonly method: string
  /** From configuration: what a Host header says proves nothing. */
  readonly uri: string
  readonly nowSeconds: number
  readonly needsNonce: boolean
  readonly isRecentNonce: (nonce: string) => boolean
  /** The access token beside which the proof was sent, if any. */
  readonly accessToken: string | undefined
}

/** A proof as it was sent. Its members are attacker-controlled until the checks have passed. */
interface ReadProof {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** The key in its header, reduced to what a public key has. */
  readonly jwk: JWK
}

interface ProofFacts extends ReadProof {
  readonly isSigned: boolean
  /** The SHA-256 of the access token, base64url. */
  readonly tokenHash: string | undefined
  readonly request: ProofRequest
}

/**
 * Each row refuses (RFC 9449 §4.3).
 * @mutated by the conformance suites
 */
export const proofChecks: [name: string, source: string, check: (facts: ProofFacts) => ProofFailure | undefined][] = [
  ['typ', 'RFC 9449 §4.3 (4)', ({ header }) => (header['typ'] === 'dpop+jwt' ? undefined : 'typ')],
  ['alg', 'RFC 9449 §4.3 (5)', ({ header }) => (SIGNING_ALGS.some((alg) => alg === header['alg']) ? undefined : 'alg')],
  ['key', 'RFC 9449 §4.3 (7)', ({ header }) => (isUsableKey(header['jwk']) ? undefined : 'key')],
  ['extensions', 'RFC 7515 §4.1.11', ({ header }) => (header['crit'] === undefined ? undefined : 'extensions')],
  ['signature', 'RFC 9449 §4.3 (6)', ({ isSigned }) => (isSigned ? undefined : 'signature')],
  ['method', 'RFC 9449 §4.3 (8)', ({ claims, request }) => (claims['htm'] === request.method ? undefined : 'method')],
  ['uri', 'RFC 9449 §4.3 (9)', ({ claims, request }) => (isSameUri(claims['htu'], request.uri) ? undefined : 'uri')],
  [
    'time',
    'RFC 9449 §4.3 (11)',
    ({ claims, request }) =>
      typeof claims['iat'] === 'number' && Math.abs(claims['iat'] - request.nowSeconds) <= PROOF_WINDOW_SECONDS
        ? undefined
        : 'time',
  ],
  [
    'id',
    'RFC 9449 §4.3 (3)',
    ({ claims }) => (isText(claims['jti']) && claims['jti'].length <= 256 ? undefined : 'id'),
  ],
  [
    'nonce',
    'RFC 9449 §4.3 (10)',
    ({ claims: { nonce }, request }) =>
      (isText(nonce) ? request.isRecentNonce(nonce) : nonce === undefined && !request.needsNonce) ? undefined : 'nonce',
  ],
  [
    'token',
    'RFC 9449 §4.3 (12)',
    ({ claims, tokenHash }) => (tokenHash === undefined || claims['ath'] === tokenHash ? undefined : 'token'),
  ],
]

/** A proof that passed. `jkt` is the thumbprint of its key, to which tokens are bound (RFC 9449 §6.1). */
export interface CheckedProof {
  readonly jkt: string
  readonly jti: string
  readonly iat: number
}

/** Checks the value of a `DPoP` header against the request that it came with. */
export async function checkProof(proof: string, request: ProofRequest): Promise<Result<CheckedProof, ProofFailure>> {
  const read = readProof(proof)
  if (!read) return err('malformed')
  const { accessToken } = request
  const tokenHash = accessToken === undefined ? undefined : await s256(accessToken)
  const facts = { ...read, request, tokenHash, isSigned: await isSigned(proof, read) }
  for (const [, , check] of proofChecks) {
    const failure = check(facts)
    if (failure) return err(failure)
  }
  const { jti, iat } = read.claims
  return ok({ jkt: await calculateJwkThumbprint(read.jwk), jti: String(jti), iat: Number(iat) })
}

/** What a client is told of a refused proof (RFC 9449 §5, §8); no default, so that a new failure is mapped here. */
export function describeProofFailure(failure: ProofFailure): {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce'
  readonly description: string
} {
  switch (failure) {
    case 'nonce':
      return { error: 'use_dpop_nonce', description: 'put the nonce of the DPoP-Nonce header into the proof' }
    case 'missing':
      return { error: 'invalid_dpop_proof', description: 'send a DPoP proof with this request' }
    case 'time':
      return { error: 'invalid_dpop_proof', description: 'the DPoP proof is not of now: check the clock' }
    case 'malformed':
    case 'typ':
    case 'alg':
    case 'key':
    case 'extensions':
    case 'signature':
    case 'method':
    case 'uri':
    case 'id':
    case 'token':
    case 'replayed':
      return { error: 'invalid_dpop_proof', description: 'the DPoP proof is not one for this request' }
  }
}

const MAX_LENGTH = 8192

/** Several headers arrive joined by commas, which no compact JWT has: there is exactly one proof (RFC 9449 §4.3 (1), (2)). */
function readProof(proof: string): ReadProof | undefined {
  if (proof.length > MAX_LENGTH || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) return undefined
  const [header, claims] = proof.split('.').map(parseSegment)
  const jwk = header?.['jwk']
  if (!header || !claims || !isRecord(jwk)) return undefined
  const members = ['kty', 'crv', 'x', 'y', 'n', 'e'].filter((name) => name in jwk)
  return { header, claims, jwk: Object.fromEntries(members.map((name) => [name, jwk[name]])) }
}

function parseSegment(segment: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(segment)))
    return isRecord(value) ? value : undefined
  } catch (error) {
    // SyntaxError of JSON, TypeError of jose for what is no base64url.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/** The key is chosen by whoever made the proof, and so is whatever jose or the platform finds wrong with it. */
async function isSigned(proof: string, { header, jwk }: ReadProof): Promise<boolean> {
  try {
    await compactVerify(proof, await importJWK(jwk, String(header['alg'])))
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return false
    throw error
  }
}

function isUsableKey(jwk: unknown): boolean {
  const key = isRecord(jwk) ? publicKeyOf(jwk) : undefined
  return key?.ok === true && key.value !== undefined
}

/** RFC 9449 §4.3 (9): without query and fragment, by syntax-based and scheme-based normalization (RFC 3986 §6.2.2, §6.2.3). */
function isSameUri(sent: unknown, own: string): boolean {
  return isText(sent) && URL.canParse(sent) && normalize(sent) === normalize(own)
}

function normalize(uri: string): string {
  const url = new URL(uri)
  url.search = ''
  url.hash = ''
  return url.href.replaceAll(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escaped.toUpperCase()
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
