import { isCodeChallenge, type OAuthErrorCode } from '@permitry/oauth'
import type { TargetFailure } from '../access/target.ts'
import { ACR_PASSWORD } from '../login/acr.ts'
import type { Facts } from './facts.ts'

/** A failure that may be told to the client, and the sentence that a developer reads there. */
export interface RequestFailure {
  readonly error: OAuthErrorCode
  readonly description: string
}

/** A row of a checks table: its name, the rule it stands for, and the check. Order is part of the meaning. */
export type Check<F> = readonly [name: string, source: string, check: (facts: Facts) => F | undefined]

/** Nothing proves the redirect URI yet: these failures are shown to the person and never redirected (RFC 6749 §4.1.2.1). */
export const pageChecks: Check<string>[] = [
  [
    'client-and-redirect-once',
    'RFC 6749 §3.1',
    ({ request }) =>
      request.repeated.some((name) => name === 'client_id' || name === 'redirect_uri')
        ? 'client_id or redirect_uri was sent twice'
        : undefined,
  ],
  ['client', 'OAuth 2.1 §4.1.2.1', ({ client }) => (client ? undefined : 'the client_id is not known here')],
  [
    'redirect-uri',
    'OAuth 2.1 §2.3, RFC 8252 §7.3',
    ({ client, redirectUri }) =>
      client && redirectUri === undefined ? 'the redirect_uri is not one that this application registered' : undefined,
  ],
]

/** From here on errors go to the proved redirect URI, with `iss` (RFC 9207 §2). */
export const redirectChecks: Check<RequestFailure>[] = [
  [
    'repeated',
    'RFC 6749 §3.1',
    ({ request: { repeated } }) =>
      repeated.length > 0 ? fail('invalid_request', `${repeated.join(', ')} was sent more than once`) : undefined,
  ],
  [
    'request-object',
    'OIDC Core §6',
    ({ request }) =>
      request.requestObject
        ? fail(`${request.requestObject}_not_supported`, 'send the parameters themselves')
        : undefined,
  ],
  [
    'response-type',
    'OAuth 2.1 §4.1.1',
    ({ request }) =>
      request.responseType === 'code'
        ? undefined
        : request.responseType === undefined
          ? fail('invalid_request', 'response_type is missing: send code')
          : fail('unsupported_response_type', 'the only response_type is code'),
  ],
  [
    'response-mode',
    'OAuth 2.0 Multiple Response Types §2.1',
    ({ request }) =>
      request.responseMode === undefined || request.responseMode === 'query'
        ? undefined
        : fail('invalid_request', 'the only response_mode is query'),
  ],
  [
    'client-grant-type',
    'RFC 7591 §2',
    ({ client }) =>
      client?.grantTypes.includes('authorization_code')
        ? undefined
        : fail('unauthorized_client', 'this client is not registered for authorization_code'),
  ],
  [
    'pkce-method',
    'OAuth 2.1 §7.5.1',
    ({ request }) =>
      request.codeChallengeMethod === 'S256'
        ? undefined
        : fail('invalid_request', 'code_challenge_method must be S256'),
  ],
  [
    'pkce-challenge',
    'OAuth 2.1 §4.1.1',
    ({ request }) =>
      request.codeChallenge !== undefined && isCodeChallenge(request.codeChallenge)
        ? undefined
        : fail('invalid_request', 'code_challenge is missing or not the base64url SHA-256 of a verifier'),
  ],
  [
    'dpop-jkt',
    'RFC 9449 §10',
    ({ request: { dpopJkt } }) =>
      dpopJkt === undefined || /^[\w-]{43}$/.test(dpopJkt)
        ? undefined
        : fail('invalid_request', 'dpop_jkt is not the SHA-256 thumbprint of a key'),
  ],
  [
    'scope-syntax',
    'RFC 6749 §3.3',
    ({ request }) => (request.malformedScope === undefined ? undefined : fail('invalid_scope', request.malformedScope)),
  ],
  ['target', 'RFC 8707 §2, RFC 6749 §3.3', ({ target }) => (target?.ok ? undefined : targetFailure(target?.error))],
  [
    'prompt',
    'OIDC Core §3.1.2.1',
    ({ request: { prompts } }) =>
      prompts.includes('none') && prompts.length > 1 ? fail('invalid_request', 'prompt=none stands alone') : undefined,
  ],
  [
    'prompt-known',
    'OIDC Core §3.1.2.1',
    ({ request: { prompts } }) =>
      prompts.every((prompt) => ['none', 'login', 'consent', 'select_account'].includes(prompt))
        ? undefined
        : fail('invalid_request', 'prompt is none, login, consent or select_account'),
  ],
  [
    'max-age',
    'OIDC Core §3.1.2.1',
    ({ request: { maxAge } }) =>
      maxAge === undefined || /^\d{1,9}$/.test(maxAge)
        ? undefined
        : fail('invalid_request', 'max_age is a number of seconds'),
  ],
  [
    'id-token-hint',
    'OIDC Core §3.1.2.1',
    ({ request, hint, client }) =>
      request.idTokenHint === undefined || hint?.clientId === client?.id
        ? undefined
        : fail('invalid_request', 'id_token_hint is not an ID token that this client got here'),
  ],
  [
    'acr',
    'RFC 9470 §5',
    ({ request: { acrValues } }) =>
      acrValues.length === 0 || acrValues.includes(ACR_PASSWORD)
        ? undefined
        : fail('unmet_authentication_requirements', `none of acr_values can be met; supported is ${ACR_PASSWORD}`),
  ],
]

/** The first row that fails decides. */
export function firstFailure<F>(table: readonly Check<F>[], facts: Facts): F | undefined {
  for (const [, , check] of table) {
    const failure = check(facts)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** A description may quote what was sent. It goes into a redirect and into an audit row that stays for good, so it is short. */
const LONGEST_DESCRIPTION = 300

function fail(error: OAuthErrorCode, description: string): RequestFailure {
  return { error, description: description.slice(0, LONGEST_DESCRIPTION) }
}

function targetFailure(failure: TargetFailure | undefined): RequestFailure {
  switch (failure?.reason) {
    case 'several_resources':
      return fail('invalid_target', 'a token is for one MCP server: send one resource')
    case 'resource_unknown':
      return fail('invalid_target', `no MCP server is registered as ${failure.resource}`)
    case 'client_not_authorized':
      return fail('invalid_target', `this client is not authorized for ${failure.resource}`)
    case 'resource_ambiguous':
      return fail(
        'invalid_target',
        'resource is missing, and neither the scopes nor the client point to one MCP server',
      )
    case 'scope_unknown':
      return fail('invalid_scope', `${failure.scopes.join(' ')} is not a scope of this MCP server`)
    case undefined:
      return fail('server_error', 'the request was not resolved')
  }
}
