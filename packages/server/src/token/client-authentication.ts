import { equalInConstantTime, err, type Form, ok, type Result } from '@permitry/oauth'
import { sha256 } from '../keys/secrets.ts'
import type { Client } from '../store/repositories/clients.ts'
import { type ClientAssertion, JWT_BEARER, type JudgedAssertion, parseClientAssertion } from './client-assertion.ts'
import type { ClientAuthenticationFailure } from './failure.ts'

/** RFC 7523 §3: between two clocks. */
const SKEW_SECONDS = 60
/** How far ahead an assertion may expire: each one is made for one request. */
const MAX_LIFETIME_SECONDS = 300

/** What a client sent to say who it is (OAuth 2.1 §2.4). */
interface ClientCredentials {
  readonly clientId: string
  readonly secret?: string | undefined
  readonly assertion?: ClientAssertion
}

/** Reads the credentials of a request; sending them in two ways is an error of its own. */
export function readClientCredentials(
  authorization: string | undefined,
  form: Form,
): Result<ClientCredentials, ClientAuthenticationFailure> {
  const { client_id: clientId, client_secret: secret, client_assertion: jwt, client_assertion_type: type } = form.values
  if (jwt !== undefined || type !== undefined) {
    if (authorization !== undefined || secret !== undefined) return err('two_methods')
    const assertion = jwt === undefined || type !== JWT_BEARER ? undefined : parseClientAssertion(jwt)
    const subject = assertion?.claims.sub
    // MCP OCC: the assertion says who the client is, `client_id` may be left out.
    if (!assertion || !isId(subject) || (clientId !== undefined && clientId !== subject)) return err('malformed')
    return ok({ clientId: subject, assertion })
  }
  if (authorization === undefined) return clientId === undefined ? err('malformed') : ok({ clientId, secret })
  const basic = parseBasic(authorization)
  if (!basic) return err('malformed')
  if (secret !== undefined || (clientId !== undefined && clientId !== basic.clientId)) return err('two_methods')
  return ok(basic)
}

/** No database takes a NUL, and no client has one in its id. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}

/** Facts for the checks: `client` is undefined when nobody is registered under the id. */
export interface ClientFacts {
  readonly client: Client | undefined
  readonly secret: string | undefined
  readonly assertion: JudgedAssertion | undefined
  /** Who an assertion may be meant for: the issuer or its token endpoint. */
  readonly audiences: readonly string[]
  readonly nowSeconds: number
}

/**
 * Each row refuses; what passes all of them is authenticated, once `jti` of its assertion is spent.
 * @mutated by the conformance suites
 */
export const clientAuthenticationChecks: [
  name: string,
  source: string,
  check: (facts: ClientFacts) => ClientAuthenticationFailure | undefined,
][] = [
  ['known', 'OAuth 2.1 §3.2.1', ({ client }) => (client?.active ? undefined : 'unknown')],
  ['method', 'OAuth 2.1 §2.4', (facts) => (usesItsMethod(facts) ? undefined : 'wrong_method')],
  [
    'secret-right',
    'OAuth 2.1 §2.4.1',
    // a public client has no hash to compare with, so whatever secret it sends is wrong
    ({ client, secret }) =>
      secret !== undefined && !equalInConstantTime(sha256(secret), client?.secretHash ?? '')
        ? 'wrong_secret'
        : undefined,
  ],
  [
    'assertion-algorithm',
    'OIDC Registration §2',
    ({ client, assertion }) =>
      assertion && client && client.authSigningAlg !== null && assertion.header.alg !== client.authSigningAlg
        ? 'assertion_algorithm'
        : undefined,
  ],
  [
    'assertion-signature',
    'RFC 7523 §3 (9)',
    ({ assertion }) => (assertion?.signed === false ? 'assertion_signature' : undefined),
  ],
  [
    'assertion-extensions',
    'RFC 7515 §4.1.11',
    // none is understood, not even the one that jose knows
    ({ assertion }) => (assertion && assertion.header.crit !== undefined ? 'assertion_extensions' : undefined),
  ],
  [
    'assertion-issuer',
    'RFC 7523 §3 (1)',
    ({ client, assertion }) => (assertion && assertion.claims.iss !== client?.id ? 'assertion_issuer' : undefined),
  ],
  [
    'assertion-audience',
    'RFC 7523 §3 (3)',
    ({ assertion, audiences }) => {
      const [audience, ...others] = assertion ? [assertion.claims.aud ?? []].flat() : []
      // One that is meant for several could be used at any of them by any other.
      const isForUs = others.length === 0 && audiences.some((name) => name === audience)
      return assertion && !isForUs ? 'assertion_audience' : undefined
    },
  ],
  [
    'assertion-expired',
    'RFC 7523 §3 (4)',
    ({ assertion, nowSeconds }) =>
      assertion && !(isTime(assertion.claims.exp) && assertion.claims.exp > nowSeconds)
        ? 'assertion_expired'
        : undefined,
  ],
  [
    'assertion-lifetime',
    'RFC 7523 §3 (4)',
    ({ assertion, nowSeconds }) =>
      assertion && Number(assertion.claims.exp) > nowSeconds + MAX_LIFETIME_SECONDS + SKEW_SECONDS
        ? 'assertion_lives_too_long'
        : undefined,
  ],
  [
    'assertion-issued',
    'RFC 7523 §3 (6)',
    ({ assertion, nowSeconds }) =>
      assertion && !hasBegun(assertion.claims.iat, nowSeconds) ? 'assertion_of_the_future' : undefined,
  ],
  [
    'assertion-not-before',
    'RFC 7523 §3 (5)',
    ({ assertion, nowSeconds }) =>
      assertion && !hasBegun(assertion.claims.nbf, nowSeconds) ? 'assertion_of_the_future' : undefined,
  ],
  [
    'assertion-id',
    'OIDC Core §9',
    ({ assertion }) => (assertion && !isJti(assertion.claims.jti) ? 'assertion_id' : undefined),
  ],
]

export function checkClient(facts: ClientFacts): ClientAuthenticationFailure | undefined {
  for (const [, , check] of clientAuthenticationChecks) {
    const failure = check(facts)
    if (failure) return failure
  }
  return undefined
}

/** By the method that it is registered for; a secret may come in the header or in the body (OAuth 2.1 §2.4.1). */
function usesItsMethod({ client, secret, assertion }: ClientFacts): boolean {
  switch (client?.authMethod) {
    case undefined:
    case 'none':
      return assertion === undefined
    case 'client_secret_basic':
    case 'client_secret_post':
      return secret !== undefined
    case 'private_key_jwt':
      return assertion !== undefined
  }
}

function isJti(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 256
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function hasBegun(time: unknown, nowSeconds: number): boolean {
  return time === undefined || (isTime(time) && time <= nowSeconds + SKEW_SECONDS)
}

/** RFC 7617 with the form-encoding of OAuth (RFC 6749 §2.3.1); NUL is refused as in a form. */
function parseBasic(header: string): { clientId: string; secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  const pair =
    encoded === undefined ? undefined : /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))
  try {
    const [clientId, secret] = [formDecode(pair?.[1] ?? ''), formDecode(pair?.[2] ?? '')]
    return pair && !clientId.includes('\0') ? { clientId, secret } : undefined
  } catch {
    return undefined
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
