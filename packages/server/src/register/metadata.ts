import {
  type ApplicationType,
  checkRegisteredRedirectUri,
  err,
  intersectScopes,
  isLoopbackHost,
  ok,
  parseScope,
  type Result,
  SIGNING_ALGS,
} from '@permitry/oauth'
import { displayText } from '../html/display-text.ts'
import { parseClientKeys } from '../keys/client-keys.ts'
import { ID_TOKEN_KEYS } from '../keys/key-life.ts'
import type { Client } from '../store/repositories/clients.ts'
import { isRecord, readSentMetadata, type SentMetadata } from './sent.ts'

type AuthMethod = Client['authMethod']

/** What a client says of itself, narrowed to what this server does for clients that nobody registered. */
export interface ClientMetadata {
  /** Fit for one line of a page; undefined when nothing is left of it. Nobody vouches for it. */
  readonly name: string | undefined
  readonly applicationType: ApplicationType
  readonly authMethod: AuthMethod
  readonly authSigningAlg: string | null
  /** A JWK Set as JSON text, or where one is published; never both. */
  readonly jwks: string | null
  readonly jwksUri: string | null
  readonly dpopBound: boolean
  readonly clientUri: string | null
  readonly logoUri: string | null
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly idTokenAlg: Client['idTokenAlg']
  /** The most that it will ask for; undefined when it did not say, which is all that servers allow to such clients. */
  readonly scopes: readonly string[] | undefined
}

/** RFC 7591 §3.2.2. */
export interface MetadataFailure {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata'
  readonly description: string
}

/** What depends on the way in which the metadata came. */
export interface MetadataRules {
  /** How such a client may authenticate. */
  readonly authMethods: readonly AuthMethod[]
  /** What a client that says nothing about it gets, if it is one of them. */
  readonly defaultAuthMethod: AuthMethod
}

/** What the checks look at: the metadata as sent, and what was made of it. */
interface MetadataFacts {
  readonly sent: SentMetadata
  readonly metadata: ClientMetadata
}

const GRANT_TYPES = ['authorization_code', 'refresh_token']
const ID_TOKEN_ALGS = Object.keys(ID_TOKEN_KEYS) as Client['idTokenAlg'][]
const AUTH_SIGNING_ALGS: readonly string[] = SIGNING_ALGS
const MAX_URIS = 32

/**
 * Each row refuses. What a client may do besides what is supported here is no fault (RFC 7591 §2): it was dropped before.
 * @mutated by the conformance suites
 */
export const metadataChecks: [
  name: string,
  source: string,
  check: (facts: MetadataFacts) => MetadataFailure | undefined,
][] = [
  [
    'types',
    'RFC 7591 §2',
    ({ sent: { mistyped } }) =>
      mistyped.length > 0 ? invalid(`\`${mistyped.join('`, `')}\` has a value of the wrong type`) : undefined,
  ],
  [
    'redirect-uris',
    'RFC 7591 §2',
    ({ metadata }) =>
      metadata.redirectUris.length > 0
        ? undefined
        : invalidRedirect('redirect_uris is missing: codes are sent to nowhere else'),
  ],
  [
    'redirect-uri',
    'RFC 9700 §2.1, RFC 8252 §7',
    ({ metadata }) => firstProblem(metadata.redirectUris, metadata.applicationType, invalidRedirect),
  ],
  [
    'post-logout-redirect-uri',
    'OIDC RP-Initiated Logout §3.1',
    ({ metadata }) => firstProblem(metadata.postLogoutRedirectUris, metadata.applicationType, invalid),
  ],
  [
    'grant-types',
    'RFC 7591 §2',
    ({ metadata }) =>
      metadata.grantTypes.includes('authorization_code')
        ? undefined
        : invalid('grant_types must have authorization_code: everything begins with a person who agrees'),
  ],
  [
    'response-types',
    'RFC 7591 §2.1',
    ({ sent }) =>
      sent.lists.response_types?.includes('code') === false
        ? invalid('response_types must have code, which belongs to authorization_code')
        : undefined,
  ],
  [
    'keys-once',
    'RFC 7591 §2',
    ({ metadata }) =>
      metadata.jwks !== null && metadata.jwksUri !== null ? invalid('send jwks or jwks_uri, not both') : undefined,
  ],
  [
    'keys',
    'RFC 7517 §5',
    ({ metadata: { jwks } }) => {
      const keys = jwks === null ? undefined : parseClientKeys(jwks)
      return keys?.ok === false ? invalid(keys.error) : undefined
    },
  ],
  [
    'jwks-uri',
    'RFC 7591 §2',
    ({ metadata: { jwksUri } }) =>
      jwksUri === null || isFetchable(jwksUri) ? undefined : invalid('jwks_uri must be an https URL'),
  ],
  [
    'signing-algorithm',
    'OIDC Dynamic Client Registration §2',
    // To drop it would let every algorithm of its keys in, which is more than the client wants.
    ({ metadata: { authSigningAlg } }) =>
      authSigningAlg === null || AUTH_SIGNING_ALGS.includes(authSigningAlg)
        ? undefined
        : invalid(`token_endpoint_auth_signing_alg must be one of ${AUTH_SIGNING_ALGS.join(', ')}`),
  ],
  [
    'scope',
    'RFC 6749 §3.3',
    ({ sent }) => {
      const parsed = parseScope(sent.texts.scope ?? '')
      return parsed.ok ? undefined : invalid(parsed.error)
    },
  ],
]

/**
 * Reads the metadata of a client that registers itself or publishes a document (RFC 7591 §2, OIDC Dynamic Client
 * Registration §2): leniently, because such clients cannot know what each server supports. The intersection is what counts.
 */
export function readClientMetadata(value: unknown, rules: MetadataRules): Result<ClientMetadata, MetadataFailure> {
  if (!isRecord(value)) return err(invalid('client metadata is a JSON object'))
  const sent = readSentMetadata(value)
  const authMethod = chooseAuthMethod(sent, rules)
  if (authMethod === undefined)
    return err(
      invalid(
        `token_endpoint_auth_method must be one of ${rules.authMethods.join(', ')}, and private_key_jwt needs keys`,
      ),
    )
  const facts = { sent, metadata: narrow(sent, authMethod) }
  for (const [, , check] of metadataChecks) {
    const failure = check(facts)
    if (failure) return err(failure)
  }
  return ok(facts.metadata)
}

function narrow({ texts, lists, jwks, dpopBound }: SentMetadata, authMethod: AuthMethod): ClientMetadata {
  const redirectUris = [...new Set(lists.redirect_uris)]
  const name = displayText(texts.client_name ?? '')
  const scopes = parseScope(texts.scope ?? '')
  return {
    name: name === '' ? undefined : name,
    applicationType: applicationTypeOf(texts.application_type, redirectUris),
    authMethod,
    authSigningAlg: authMethod === 'private_key_jwt' ? (texts.token_endpoint_auth_signing_alg ?? null) : null,
    jwks: jwks === undefined ? null : JSON.stringify(jwks),
    jwksUri: texts.jwks_uri ?? null,
    dpopBound,
    clientUri: fetchableOrNone(texts.client_uri),
    logoUri: fetchableOrNone(texts.logo_uri),
    redirectUris,
    postLogoutRedirectUris: [...new Set(lists.post_logout_redirect_uris)],
    grantTypes: intersectScopes(lists.grant_types ?? ['authorization_code'], GRANT_TYPES),
    idTokenAlg: ID_TOKEN_ALGS.find((alg) => alg === texts.id_token_signed_response_alg) ?? 'RS256',
    scopes: scopes.ok && scopes.value.length > 0 ? scopes.value : undefined,
  }
}

/**
 * The method that the client prefers among those that it can and this server has (OpenID Connect RP Metadata Choices: a
 * client that meets many servers lists several). Undefined when there is none: it must not become public by mistake.
 */
function chooseAuthMethod({ texts, lists, jwks }: SentMetadata, rules: MetadataRules): AuthMethod | undefined {
  const { token_endpoint_auth_method: preferred } = texts
  const able = [...(preferred === undefined ? [] : [preferred]), ...(lists.token_endpoint_auth_methods_supported ?? [])]
  const hasKeys = jwks !== undefined || texts.jwks_uri !== undefined
  const usable = rules.authMethods.filter((method) => method !== 'private_key_jwt' || hasKeys)
  const wanted = able.length === 0 ? [rules.defaultAuthMethod] : able
  return wanted.flatMap((method) => usable.filter((one) => one === method))[0]
}

/**
 * Clients hardly ever say what they are, and web is the default of OIDC. Where their codes go tells it: who is called
 * back on the own machine, by loopback or by a scheme of its own, is native and chooses its port when it starts.
 */
function applicationTypeOf(said: string | undefined, redirectUris: readonly string[]): ApplicationType {
  const isWebUri = (uri: string) => URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol)
  // Cursor registers `cursor://…` as `web`, which no web client can have: what it is called back at is believed.
  if (said === 'native' || (said === 'web' && redirectUris.every(isWebUri))) return said
  return redirectUris.every((uri) => isWebUri(uri) && !isOnLoopback(uri)) ? 'web' : 'native'
}

function firstProblem(
  uris: readonly string[],
  applicationType: ApplicationType,
  fail: (description: string) => MetadataFailure,
): MetadataFailure | undefined {
  if (uris.length > MAX_URIS) return fail(`a client may have ${MAX_URIS} redirect URIs`)
  for (const uri of uris) {
    const problem = checkRegisteredRedirectUri(uri, applicationType)
    if (problem !== undefined) return fail(`\`${displayText(uri, 100)}\`: ${problem}`)
  }
  return undefined
}

/** For pages and pictures only, so an address that nobody could open is no fault of the client. */
function fetchableOrNone(uri: string | undefined): string | null {
  return uri !== undefined && isFetchable(uri) ? uri : null
}

/** https, or http on loopback for development; whether it is fetched at all is decided by the address that it leads to. */
function isFetchable(uri: string): boolean {
  // URL libraries mend what is not printable ASCII; a NUL among it would be one that no database takes.
  if (!/^[!-~]{1,2048}$/.test(uri) || !URL.canParse(uri)) return false
  const { protocol, username, password } = new URL(uri)
  return (protocol === 'https:' || (protocol === 'http:' && isOnLoopback(uri))) && username + password === ''
}

function isOnLoopback(uri: string): boolean {
  return isLoopbackHost(new URL(uri).hostname)
}

function invalid(description: string): MetadataFailure {
  return { error: 'invalid_client_metadata', description }
}

function invalidRedirect(description: string): MetadataFailure {
  return { error: 'invalid_redirect_uri', description }
}
