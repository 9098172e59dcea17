// Opaque tokens: what one is worth, the authorization server is asked (RFC 7662).
import { sha256 } from '../digest.ts'
import type { Settings } from '../settings.ts'
import { createAssertions } from './assertion.ts'
import { readClaims, type Caller } from './claims.ts'
import { endpointOf, fetchJson, fetchMetadata } from './metadata.ts'
import type { Credential } from './options.ts'
import { IssuerUnavailable } from './unavailable.ts'

/** Questions at a time: whoever invents tokens must not make this server flood the authorization server. */
const MAX_ASKING = 64
/** How long the address of the endpoint is kept. */
const METADATA_MS = 10 * 60_000
const CLOCK_TOLERANCE_SECONDS = 30

/**
 * Makes the function that asks an issuer about opaque tokens, as the client that the credential names. Undefined for a
 * token that is not active, or not active here. Throws `IssuerUnavailable` where there is no answer.
 */
export function createIntrospection(
  issuer: string,
  credential: Credential,
  settings: Settings,
): (token: string) => Promise<Caller | undefined> {
  const { fetch, clock, onError } = settings
  const assertion = createAssertions(issuer, credential, clock)
  const asking = new Map<string, Promise<Caller | undefined>>()
  let known: { readonly endpoint: string; readonly at: number } | undefined

  async function endpoint(): Promise<string> {
    const age = known === undefined ? Infinity : clock() - known.at
    if (known !== undefined && age >= 0 && age < METADATA_MS) return known.endpoint
    known = { endpoint: endpointOf(await fetchMetadata(issuer, fetch), 'introspection_endpoint'), at: clock() }
    return known.endpoint
  }

  async function ask(token: string): Promise<Caller | undefined> {
    const url = await endpoint()
    const body = await assertion()
    body.set('token', token)
    body.set('token_type_hint', 'access_token')
    const answer = await fetchJson(url, fetch, { method: 'POST', body })
    if (answer === undefined || typeof answer['active'] !== 'boolean') throw new Error(`${url} did not answer`)
    const claims = activeClaims(answer, { issuer, hash: await sha256(token), nowSeconds: clock() / 1000 })
    return claims && readClaims(claims, settings)
  }

  return async (token) => {
    const waiting = asking.get(token)
    if (waiting !== undefined) return waiting
    if (asking.size >= MAX_ASKING) throw new IssuerUnavailable(`${issuer} is asked about too many tokens at a time`)
    const answer = ask(token)
      .catch((cause: unknown) => {
        const error = new IssuerUnavailable(`${issuer} could not be asked about a token`, { cause })
        onError(error)
        throw error
      })
      .finally(() => asking.delete(token))
    asking.set(token, answer)
    return answer
  }
}

interface Question {
  readonly issuer: string
  readonly hash: string
  readonly nowSeconds: number
}

/**
 * The members of an answer as the claims of an access token (RFC 7662 §2.2), or undefined for one that is not active. What
 * may be left out there and is needed here is a reason to refuse: an end above all, and the audience, which `readClaims`
 * checks. Only the id may be replaced, by the hash of the token.
 */
export function activeClaims(
  answer: Readonly<Record<string, unknown>>,
  { issuer, hash, nowSeconds }: Question,
): Readonly<Record<string, unknown>> | undefined {
  if (answer['active'] !== true) return undefined
  const { iss = issuer, jti = hash, exp, nbf, token_type: type, cnf } = answer
  if (iss !== issuer) return undefined
  // A refresh token may be active too; who says the type must say one that access tokens have.
  if (type !== undefined && !(typeof type === 'string' && /^(?:bearer|dpop)$/i.test(type))) return undefined
  if (typeof type === 'string' && /^dpop$/i.test(type) && cnf === undefined) return undefined
  if (typeof exp !== 'number' || !(nowSeconds < exp + CLOCK_TOLERANCE_SECONDS)) return undefined
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= nowSeconds + CLOCK_TOLERANCE_SECONDS)) return undefined
  return { ...answer, iss, jti }
}
