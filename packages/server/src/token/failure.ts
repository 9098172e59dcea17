import type { OAuthErrorBody } from '@permitry/oauth'

/** Why a token request was refused: rich inside, and `toWire` alone decides what the client may learn. */
export type TokenFailure =
  | { readonly reason: 'malformed_request'; readonly detail: string }
  | { readonly reason: 'grant_type_unknown' }
  | { readonly reason: 'grant_type_not_allowed' }
  | {
      readonly reason: 'client_authentication'
      readonly detail: ClientAuthenticationFailure
      readonly usedHeader: boolean
    }
  | {
      readonly reason:
        | 'code_unknown'
        | 'code_expired'
        | 'code_of_other_client'
        | 'redirect_uri_mismatch'
        | 'pkce_mismatch'
    }
  | { readonly reason: 'replayed'; readonly familyId: string }
  | { readonly reason: 'resource_mismatch' }
  | { readonly reason: 'refresh_token_unknown' | 'refresh_token_of_other_client' | 'refresh_token_bound_to_key' }
  | { readonly reason: 'scope_widened' }
  | { readonly reason: 'token_of_other_client' | 'token_type_not_revocable' }
  | {
      readonly reason:
        | 'family_ended'
        | 'grant_ended'
        | 'subject_inactive'
        | 'client_inactive'
        | 'tenant_inactive'
        | 'server_inactive'
        | 'no_scope_left'
    }

export type ClientAuthenticationFailure = 'unknown' | 'wrong_secret' | 'secret_missing' | 'two_methods' | 'malformed'

export interface WireFailure {
  readonly status: 400 | 401
  readonly body: OAuthErrorBody
  /** RFC 6749 §5.2: a client that used the Authorization header is answered with its scheme. */
  readonly challenge?: string
}

/** RFC 6749 §5.2, RFC 8707 §2. No `default`: a new reason does not compile until it is mapped here. */
export function toWire(failure: TokenFailure): WireFailure {
  switch (failure.reason) {
    case 'malformed_request':
      return refuse('invalid_request', failure.detail)
    case 'grant_type_unknown':
      return refuse('unsupported_grant_type', 'grant_type is authorization_code or refresh_token')
    case 'grant_type_not_allowed':
      return refuse('unauthorized_client', 'this client is not registered for the grant type')
    case 'client_authentication':
      return clientAuthentication(failure.detail, failure.usedHeader)
    case 'code_unknown':
    case 'code_expired':
    case 'code_of_other_client':
    case 'redirect_uri_mismatch':
    case 'pkce_mismatch':
      return refuse('invalid_grant', 'the authorization code is not valid for this request')
    case 'refresh_token_unknown':
    case 'refresh_token_of_other_client':
    case 'refresh_token_bound_to_key':
    case 'replayed':
    case 'family_ended':
    case 'grant_ended':
    case 'subject_inactive':
    case 'tenant_inactive':
    case 'server_inactive':
    case 'no_scope_left':
      return refuse('invalid_grant', 'the authorization is not valid any more: ask the person again')
    case 'client_inactive':
      return clientAuthentication('unknown', false)
    case 'resource_mismatch':
      return refuse('invalid_target', 'the resource differs from the one granted')
    case 'token_of_other_client':
      return refuse('invalid_grant', 'the token was not issued to this client')
    case 'token_type_not_revocable':
      return refuse('unsupported_token_type', 'send an access token or a refresh token')
    case 'scope_widened':
      return refuse('invalid_scope', 'a refresh cannot widen the scope: send an authorization request')
  }
}

function clientAuthentication(detail: ClientAuthenticationFailure, usedHeader: boolean): WireFailure {
  if (detail === 'two_methods') return refuse('invalid_request', 'authenticate the client by one method only')
  const body: OAuthErrorBody = {
    error: 'invalid_client',
    error_description: 'the client is not known here or did not authenticate as registered',
  }
  return usedHeader ? { status: 401, body, challenge: 'Basic realm="token"' } : { status: 401, body }
}

function refuse(error: OAuthErrorBody['error'], description: string): WireFailure {
  return { status: 400, body: { error, error_description: description } }
}
