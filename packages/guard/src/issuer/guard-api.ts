import { isRecord } from '../message.ts'
import { createAssertions } from './assertion.ts'
import { exchange, type Answer, type Limits, type Schedule } from './exchange.ts'
import { endpointOf, fetchMetadata } from './metadata.ts'
import type { Credential, IssuerOptions } from './options.ts'

/** What the guard API of an authorization server is reached by. */
export interface GuardApiOptions {
  readonly issuer: string
  readonly credential: Credential
  readonly fetch: typeof fetch
  readonly clock: () => number
  readonly schedule: Schedule
}

/** A request to the guard API. */
export interface GuardRequest extends Partial<Limits> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `{issuer}/guard/`: the token goes nowhere else. */
  readonly url: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Sends a request with a token of the credential. Throws when there is no answer; a status is none to throw about. */
export type GuardApi = (request: GuardRequest) => Promise<Answer>

/** The guard API of each issuer that gave a credential. */
export type GuardApis = ReadonlyMap<string, GuardApi>

/** Opens one for all that use it, so that they share its token. */
export function createGuardApis({
  issuers,
  fetch,
  clock,
  schedule,
}: Omit<GuardApiOptions, 'issuer' | 'credential'> & { readonly issuers: readonly IssuerOptions[] }): GuardApis {
  return new Map(
    issuers.flatMap(({ issuer, credential, guardApi = true }) =>
      credential && guardApi ? [[issuer, createGuardApi({ issuer, credential, fetch, clock, schedule })] as const] : [],
    ),
  )
}

const LIMITS: Limits = { timeoutMs: 5_000, maxBytes: 64 * 1024 }
/** A token is replaced when it has less to live: it must still be good when the request arrives. */
const MARGIN_MS = 30_000

interface Token {
  readonly value: string
  readonly from: number
  readonly until: number
}

/**
 * Opens the guard API of an issuer: gets an access token for it by the credential (RFC 6749 §4.4, RFC 7523 §2.2), keeps
 * it while it is good, and gets another one when it is refused.
 */
function createGuardApi(options: GuardApiOptions): GuardApi {
  const { issuer, credential, clock } = options
  const assert = createAssertions(issuer, credential, clock)
  let token: Token | undefined
  let asking: Promise<Token> | undefined

  async function getToken(): Promise<Token> {
    const url = endpointOf(await fetchMetadata(issuer, options.fetch), 'token_endpoint')
    const body = await assert()
    body.set('grant_type', 'client_credentials')
    body.set('resource', `${issuer}/guard`)
    const from = clock()
    const { status, value } = await exchange(url, { method: 'POST', body }, { ...options, ...LIMITS })
    if (!isRecord(value)) throw new Error(`${url} refused the credential ${credential.client_id}: ${status}`)
    const { access_token: bearer, token_type: type, expires_in: seconds = 60 } = value
    if (typeof bearer !== 'string' || !/^bearer$/i.test(String(type)) || typeof seconds !== 'number')
      throw new Error(`${url} answered with no bearer token`)
    return { value: bearer, from, until: from + seconds * 1000 - MARGIN_MS }
  }

  async function currentToken(): Promise<string> {
    const now = clock()
    // A clock that went back says nothing about how old the token is.
    if (token !== undefined && token.from <= now && now < token.until) return token.value
    // One request for all who wait for it.
    asking ??= getToken().finally(() => (asking = undefined))
    token = await asking
    return token.value
  }

  return async ({ method, url, body, signal, ...limits }) => {
    if (!isOfGuardApi(url, issuer)) throw new Error(`${url} is not of the guard API of ${issuer}`)
    const send = async (): Promise<Answer> => {
      const headers = new Headers({ accept: 'application/json', authorization: `Bearer ${await currentToken()}` })
      if (body !== undefined) headers.set('content-type', 'application/json')
      const init = {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      }
      return exchange(url, init, { ...options, ...LIMITS, ...limits })
    }
    const answer = await send()
    if (answer.status !== 401) return answer
    // The token may have been revoked, or the server's keys replaced: one more try, by a new one.
    token = undefined
    return send()
  }
}

/** Says whether a URL is below `{issuer}/guard/`, as a runtime reads it that resolves dots. */
export function isOfGuardApi(url: string, issuer: string): boolean {
  return URL.canParse(url) && new URL(url).href.startsWith(`${issuer}/guard/`)
}
