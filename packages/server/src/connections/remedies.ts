import type { OAuthErrorCode } from '@permitry/oauth'
import type { ProofFailure } from '@permitry/oauth/dpop'
import type { TargetFailure } from '../access/target.ts'
import type { AuditType } from '../audit/event.ts'
import type { CredentialFailure } from '../login/attempt.ts'
import type { RegistrationFailure } from '../register/dynamic/checks.ts'
import type { DocumentFailure } from '../register/document/standing.ts'
import type { ClientAuthenticationFailure, TokenFailure } from '../token/failure.ts'

/** A reason as the audit has it: the failure, and behind a colon which of its kinds. */
type Kinds = {
  readonly client_authentication: ClientAuthenticationFailure
  readonly dpop_proof: ProofFailure
  readonly target: TargetFailure['reason'] | 'no_server'
}
type TokenReason =
  | Exclude<TokenFailure['reason'], keyof Kinds>
  | { [K in keyof Kinds]: `${K}: ${Kinds[K]}` }[keyof Kinds]

/** Before the person is asked: what goes to the client as an error, and what only the person sees. */
type AuthorizationReason =
  | OAuthErrorCode
  | 'client_unknown'
  | 'redirect_uri_mismatch'
  | `client_document: ${DocumentFailure['reason']}`

const ASK_AGAIN = 'nothing to fix: the client must ask the person again, and most do by themselves'
const NEW_START = 'take the connection out of the client and add it again, so that it begins anew'
const KEYS = 'compare the keys that are registered for the client with the one that it signs with'
const NOT_SENT = 'nothing in this version answers so; report it'

const TOKEN: Readonly<Record<TokenReason, string>> = {
  malformed_request: 'the client sends no OAuth token request: look whether a proxy changes bodies or content types',
  grant_type_unknown: 'the client asks for a grant that does not exist here: set it to authorization_code',
  grant_type_not_allowed: 'add the grant to `grant_types` of the client, or let it register anew',
  'client_authentication: malformed':
    'the client sends credentials that cannot be read: look at its secret and its encoding',
  'client_authentication: two_methods': 'let the client authenticate by one method: the header or the body',
  'client_authentication: unknown': `the client id is not known: it was removed or belongs to another server; ${NEW_START}`,
  'client_authentication: wrong_method': 'set the method of the client to the `auth` that it is registered with',
  'client_authentication: wrong_secret': 'give the client the secret that it is registered with, or register a new one',
  'client_authentication: assertion_algorithm': 'let the client sign its assertion with ES256, RS256, PS256 or EdDSA',
  'client_authentication: assertion_signature': KEYS,
  'client_authentication: assertion_extensions':
    'the assertion names header extensions that must be understood: leave `crit` out',
  'client_authentication: assertion_issuer': 'let `iss` and `sub` of the assertion both be the client id',
  'client_authentication: assertion_audience': 'let `aud` of the assertion be the issuer of this server',
  'client_authentication: assertion_expired': 'look at the clock of the client, and let its assertion live a minute',
  'client_authentication: assertion_lives_too_long': 'let the assertion of the client live a few minutes at most',
  'client_authentication: assertion_of_the_future':
    'look at the clock of the client: its assertion begins later than now',
  'client_authentication: assertion_id': 'let each assertion of the client carry a `jti`',
  'client_authentication: assertion_replayed': 'let the client make a new assertion for each request',
  code_unknown: `the code was never given or is long gone; ${NEW_START}`,
  code_expired:
    'a code lives for a minute: look for what is slow between browser and client, or at the clock of the client',
  code_of_other_client: 'the client changed its id between the two requests; let it keep one registration',
  redirect_uri_mismatch: 'let the client send the same redirect_uri to /token as to /authorize, port included',
  pkce_mismatch: 'the client lost its code_verifier, often because two logins ran at once: close all and try once',
  code_bound_to_key: 'the client asked with one DPoP key and redeems with another: let it keep the key of a login',
  'dpop_proof: malformed': 'the DPoP header is no proof: let no proxy change it, and let it come once',
  'dpop_proof: typ': 'let `typ` of the proof be dpop+jwt',
  'dpop_proof: alg': 'let the client sign proofs with an algorithm of `dpop_signing_alg_values_supported`',
  'dpop_proof: key': 'let the proof carry a public key that fits its algorithm, and no private one',
  'dpop_proof: extensions': 'the proof names header extensions that must be understood: leave `crit` out',
  'dpop_proof: signature': 'the proof was signed with another key than the one in it',
  'dpop_proof: method': 'let `htm` of the proof be POST',
  'dpop_proof: uri': 'let `htu` of the proof be the token endpoint of the metadata, as browsers write it',
  'dpop_proof: time': 'the clocks of client and server differ too much: set the client’s by NTP',
  'dpop_proof: id': 'let each proof carry a `jti`',
  'dpop_proof: nonce': 'nothing to fix: the client is given a nonce and repeats its request',
  'dpop_proof: token': 'let `ath` of the proof be the hash of the token that comes with it',
  'dpop_proof: missing': 'the client must use DPoP and sent no proof: set `dpop: optional` for it, or teach it',
  'dpop_proof: replayed': 'let the client make a new proof for each request',
  replayed: `a code or refresh token came twice, so its authorization ended: two processes share one store, or it was stolen; ${NEW_START}`,
  resource_mismatch: 'let the client send the same `resource` to /token as to /authorize, or none',
  refresh_token_unknown: `the refresh token is not known: the client kept one of another database; ${NEW_START}`,
  refresh_token_of_other_client:
    'the client registered anew and kept the refresh token of its old id: it must ask the person again',
  refresh_token_bound_to_key: 'the client lost the DPoP key of its refresh token: it must ask the person again',
  scope_widened: 'a refresh cannot ask for more: the client must send the person to /authorize',
  client_may_not_act_alone: 'give the client `grant_types: [client_credentials]` and roles, if it is to act for itself',
  agent_unknown: 'register the client as an agent with roles, or let it ask for a person',
  agent_inactive: 'the agent is suspended: `permitry client resume`',
  owner_inactive: 'the person who answers for this agent is suspended: resume them, or name another owner',
  'target: several_resources': 'let the client send one `resource`',
  'target: resource_unknown':
    'register the address that the client sends under `urls` of the MCP server, slash and path included',
  'target: client_not_authorized': 'name the MCP server under `servers` of the client',
  'target: resource_ambiguous': 'let the client send `resource`, or let it ask for one MCP server only',
  'target: scope_unknown':
    'let the client ask for scopes of the MCP server; a server credential asks for those of the guard API',
  'target: no_server': 'let the client ask for scopes of one MCP server: identity scopes alone need a person',
  scope_not_held: 'no role of the client holds the scope: add it to a role',
  token_of_other_client: 'a client can take back its own tokens only',
  token_type_not_revocable: 'send an access token or a refresh token to /revoke',
  family_ended: ASK_AGAIN,
  grant_ended: `consent was withdrawn: ${ASK_AGAIN}`,
  subject_inactive: 'the person is suspended: `permitry user resume`',
  client_inactive: 'the client is suspended: `permitry client resume`',
  client_changed: `the client changed since the person consented: ${ASK_AGAIN}`,
  client_document_unavailable:
    'the metadata document of the client cannot be fetched: look at the network between here and its host',
  tenant_inactive: 'the tenant is suspended',
  server_inactive: 'the MCP server is not active: look at `servers` in permitry.yaml',
  no_scope_left: 'the person’s roles hold no scope of this authorization any more: assign a role',
}

const AUTHORIZATION: Readonly<Record<AuthorizationReason, string>> = {
  client_unknown: `the client id is not known here: it was removed or belongs to another database; ${NEW_START}`,
  redirect_uri_mismatch:
    'add the redirect URI that the client sends to its `redirect_uris`; for any port on loopback it must be `type: native`',
  'client_document: not_trusted':
    'allow the host of its document under `dynamic_clients`, or register the client by hand',
  'client_document: limited':
    'too many documents were asked for from one address: wait an hour, and look at trusted_proxies',
  'client_document: unavailable':
    'the host of the client’s document does not answer: look at the network between here and it',
  'client_document: refused': 'the address of the client’s document is not on the public internet',
  'client_document: gone': 'the document of the client is not there: its maker must publish it at its client id',
  'client_document: invalid': 'the document of the client does not say what it must: its maker must mend it',
  invalid_request: 'the description says which parameter the client must send otherwise',
  unauthorized_client: 'add authorization_code to `grant_types` of the client',
  access_denied: 'no role of the person holds a scope that was asked for: `permitry role assign`',
  unsupported_response_type: 'set the client to the authorization code flow: no other is supported',
  invalid_scope:
    'let the client ask for scopes that the MCP server defines, or none; `permitry doctor URL` compares them',
  server_error: 'look into the log of the server',
  temporarily_unavailable: 'try again in a moment',
  invalid_client: NOT_SENT,
  invalid_grant: NOT_SENT,
  unsupported_grant_type: NOT_SENT,
  invalid_token: NOT_SENT,
  insufficient_scope: NOT_SENT,
  unsupported_token_type: NOT_SENT,
  invalid_redirect_uri: NOT_SENT,
  invalid_client_metadata: NOT_SENT,
  invalid_software_statement: NOT_SENT,
  unapproved_software_statement: NOT_SENT,
  invalid_target:
    'register the address that the client sends under `urls` of the MCP server, slash and path included, and let the client be authorized for it',
  insufficient_user_authentication: NOT_SENT,
  unmet_authentication_requirements: 'the MCP server asks for a stronger login than there is: lower `acr` in its rule',
  invalid_dpop_proof: NOT_SENT,
  use_dpop_nonce: NOT_SENT,
  interaction_required: 'the client asked without showing a page: let it send the person without prompt=none',
  login_required: 'the client asked with prompt=none and nobody is signed in: let it send the person without it',
  account_selection_required: 'let the client send the person without prompt=none',
  consent_required: 'the client asked with prompt=none before the person consented: let it send the person without it',
  invalid_request_uri: NOT_SENT,
  invalid_request_object: NOT_SENT,
  request_not_supported: 'let the client send its parameters themselves, not as a request object',
  request_uri_not_supported: 'let the client send its parameters themselves, not by request_uri',
  registration_not_supported: 'let the client register at /register, not in its request',
}

const REGISTRATION: Readonly<Record<RegistrationFailure['error'], string>> = {
  invalid_redirect_uri:
    'let the client register https, a loopback address or a scheme of its own; a web client may not be on loopback',
  invalid_client_metadata: 'the description says which member the client must send otherwise, or register it by hand',
  invalid_software_statement: 'let the client register without a software statement',
  unapproved_software_statement: 'let the client register without a software statement',
}

const LOGIN: Readonly<Record<CredentialFailure | 'busy', string>> = {
  name_unknown: 'nobody has that user name: look at `users`, or for a typing error',
  password_wrong: '`permitry user password` sets another one',
  person_suspended: '`permitry user resume` lets the person in again',
  busy: 'all password checks were busy: try again, and look for who sends so many',
}

/** The fix for every refusal of a client that the audit can hold. A new reason does not compile until its fix is here. */
export const REMEDIES = {
  'token.refused': TOKEN,
  'token.replayed': { replayed: TOKEN.replayed },
  'registration.refused': REGISTRATION,
  'authorization.refused': AUTHORIZATION,
  'login.refused': LOGIN,
  'signals.refused': {
    'the guard could not read signals':
      'look into the log of the guard: it begins anew, and repeats this until it can read them',
  },
  'consent.refused': { '': 'the person refused; nothing to fix unless they did not mean to' },
} as const satisfies Partial<Record<AuditType, Readonly<Record<string, string>>>>

/** What to do about a refusal; undefined for what is none, and for reasons of other versions. */
export function remedyFor(type: string, reason: string | undefined): string | undefined {
  const table: Readonly<Record<string, string>> | undefined = Object.hasOwn(REMEDIES, type)
    ? REMEDIES[type as keyof typeof REMEDIES]
    : undefined
  return table && Object.hasOwn(table, reason ?? '') ? table[reason ?? ''] : undefined
}
