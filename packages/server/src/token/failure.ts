import type { OAuthErrorBody } from '@permitry/oauth'
import type { TargetFailure } from '../access/target.ts'
import { describeProofFailure, type ProofFailure } from '@permitry/oauth/dpop'

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
        | 'code_bound_to_key'
    }
  | { readonly reason: 'dpop_proof'; readonly detail: ProofFailure }
  | { readonly reason: 'replayed'; readonly familyId: string }
  | { readonly reason: 'resource_mismatch' }
  | { readonly reason: 'refresh_token_unknown' | 'refresh_token_of_other_client' | 'refresh_token_bound_to_key' }
  | { readonly reason: 'scope_widened' }
  | { readonly reason: 'client_may_not_act_alone' | 'agent_unknown' | 'agent_inactive' | 'owner_inactive' }
  | { readonly reason: 'target'; readonly detail: TargetFailure['reason'] | 'no_server' }
  | { readonly reason: 'scope_not_held' }
  | { readonly reason: 'token_of_other_client' | 'token_type_not_revocable' }
  | {
      readonly reason:
        | 'family_ended'
        | 'grant_ended'
        | 'subject_inactive'
        | 'client_inactive'
        | 'client_changed'
        | 'client_document_unavailable'
        | 'tenant_inactive'
        | 'server_inactive'
        | 'no_scope_left'
    }

export type ClientAuthenticationFailure =
  | 'malformed'
  | 'two_methods'
  | 'unknown'
  | 'wrong_method'
  | 'wrong_secret'
  | 'assertion_algorithm'
  | 'assertion_signature'
  | 'assertion_extensions'
  | 'assertion_issuer'
  | 'assertion_audience'
  | 'assertion_expired'
  | 'assertion_lives_too_long'
  | 'assertion_of_the_future'
  | 'assertion_id'
  | 'assertion_replayed'

export interface WireFailure {
  readonly status: 400 | 401 | 503
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
      return refuse('unsupported_grant_type', 'grant_type is authorization_code, refresh_token or client_credentials')
    case 'grant_type_not_allowed':
      return refuse('unauthorized_client', 'this client is not registered for the grant type')
    case 'client_authentication':
      return clientAuthentication(failure.detail, failure.usedHeader)
    case 'dpop_proof': {
      const { error, description } = describeProofFailure(failure.detail)
      return refuse(error, description)
    }
    case 'code_unknown':
    case 'code_expired':
    case 'code_of_other_client':
    case 'redirect_uri_mismatch':
    case 'pkce_mismatch':
    case 'code_bound_to_key':
      return refuse('invalid_grant', 'the authorization code is not valid for this request')
    case 'refresh_token_unknown':
    case 'refresh_token_of_other_client':
    case 'refresh_token_bound_to_key':
    case 'replayed':
    case 'family_ended':
    case 'grant_ended':
    case 'client_changed':
    case 'subject_inactive':
    case 'tenant_inactive':
    case 'server_inactive':
    case 'no_scope_left':
      return refuse('invalid_grant', 'the authorization is not valid any more: ask the person again')
    case 'client_inactive':
      return clientAuthentication('unknown', false)
    case 'client_document_unavailable':
      // Not `invalid_client`: clients throw their registration and tokens away when they read that.
      return {
        status: 503,
        body: {
          error: 'temporarily_unavailable',
          error_description: 'the metadata document of this client cannot be fetched: try again later',
        },
      }
    case 'resource_mismatch':
      return refuse('invalid_target', 'the resource differs from the one granted')
    case 'token_of_other_client':
      return refuse('invalid_grant', 'the token was not issued to this client')
    case 'token_type_not_revocable':
      return refuse('unsupported_token_type', 'send an access token or a refresh token')
    case 'client_may_not_act_alone':
    case 'agent_unknown':
    case 'agent_inactive':
    case 'owner_inactive':
      return refuse('unauthorized_client', 'this client may not act for itself, or not now')
    case 'target':
      return failure.detail === 'scope_unknown' || failure.detail === 'no_server'
        ? refuse('invalid_scope', 'ask for scopes of one MCP server: there is no person behind this token')
        : refuse('invalid_target', 'name one MCP server as resource that this client may ask for')
    case 'scope_not_held':
      return refuse('invalid_scope', 'no role of this client holds what it asks for')
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
