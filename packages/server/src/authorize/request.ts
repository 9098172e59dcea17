import { parseForm, parseScope, type Result, err, ok } from '@permitry/oauth'

/** An authorization request as it was sent (OAuth 2.1 §4.1.1): parsed once, frozen, nothing in it proved yet. */
export interface AuthorizationRequest {
  readonly clientId: string | undefined
  readonly redirectUri: string | undefined
  readonly responseType: string | undefined
  readonly responseMode: string | undefined
  readonly state: string | undefined
  readonly codeChallenge: string | undefined
  readonly codeChallengeMethod: string | undefined
  /** RFC 8707 §2; the only parameter that may be repeated. */
  readonly resources: readonly string[]
  /** Undefined when the parameter was left out or empty, which asks for the server's defaults. */
  readonly scopes: readonly string[] | undefined
  readonly nonce: string | undefined
  /** Thumbprint of the key that must be proved with the code (RFC 9449 §10). */
  readonly dpopJkt: string | undefined
  readonly prompts: readonly string[]
  readonly maxAge: string | undefined
  readonly acrValues: readonly string[]
  readonly loginHint: string | undefined
  readonly idTokenHint: string | undefined
  /** `request` and `request_uri` are recognised to be refused by their own error codes (OIDC Core §6). */
  readonly requestObject: 'request' | 'request_uri' | undefined
  /** Names of parameters that were sent more than once (RFC 6749 §3.1). */
  readonly repeated: readonly string[]
  /** Set when `scope` has characters that it may not have (RFC 6749 §3.3). */
  readonly malformedScope: string | undefined
}

/**
 * Whoever asks is not known yet, and what was asked is stored: longer than addresses get on their way through browsers and
 * proxies it need not be.
 */
const MOST_CHARACTERS = 8_192

/** Parses the query or form of an authorization request. Unknown parameters are ignored (RFC 6749 §3.1). */
export function parseAuthorizationRequest(text: string): Result<AuthorizationRequest> {
  const form = parseForm(text, { repeatable: ['resource'], maxCharacters: MOST_CHARACTERS })
  if (!form.ok) return err(form.error)
  const sent = (name: string): string | undefined => form.value.values[name]
  const scope = parseScope(sent('scope') ?? '')
  return ok(
    Object.freeze({
      clientId: sent('client_id'),
      redirectUri: sent('redirect_uri'),
      responseType: sent('response_type'),
      responseMode: sent('response_mode'),
      state: sent('state'),
      codeChallenge: sent('code_challenge'),
      codeChallengeMethod: sent('code_challenge_method'),
      resources: form.value.lists['resource'] ?? [],
      scopes: scope.ok && scope.value.length > 0 ? scope.value : undefined,
      nonce: sent('nonce'),
      dpopJkt: sent('dpop_jkt'),
      prompts: words(sent('prompt')),
      maxAge: sent('max_age'),
      acrValues: words(sent('acr_values')),
      loginHint: sent('login_hint'),
      idTokenHint: sent('id_token_hint'),
      requestObject: sent('request') ? 'request' : sent('request_uri') ? 'request_uri' : undefined,
      repeated: form.value.repeated,
      malformedScope: scope.ok ? undefined : scope.error,
    }),
  )
}

/** The query that asks for the same once more: `parseAuthorizationRequest` reads the same request from it. */
export function authorizationQuery(request: AuthorizationRequest): string {
  const sent: [string, string | undefined][] = [
    ['client_id', request.clientId],
    ['redirect_uri', request.redirectUri],
    ['response_type', request.responseType],
    ['response_mode', request.responseMode],
    ['state', request.state],
    ['code_challenge', request.codeChallenge],
    ['code_challenge_method', request.codeChallengeMethod],
    ...request.resources.map((resource): [string, string] => ['resource', resource]),
    ['scope', request.scopes?.join(' ')],
    ['nonce', request.nonce],
    ['prompt', request.prompts.join(' ')],
    ['max_age', request.maxAge],
    ['acr_values', request.acrValues.join(' ')],
    ['login_hint', request.loginHint],
    ['id_token_hint', request.idTokenHint],
  ]
  return new URLSearchParams(sent.filter((pair): pair is [string, string] => Boolean(pair[1]))).toString()
}

function words(text: string | undefined): readonly string[] {
  return text?.split(' ').filter((word) => word !== '') ?? []
}
