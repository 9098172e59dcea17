/** Every error code that Permitry puts on the wire; nothing else may appear in an `error` member or parameter. */
export type OAuthErrorCode =
  // RFC 6749 §4.1.2.1 and §5.2
  | 'invalid_request'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  // RFC 6750 §3.1
  | 'invalid_token'
  | 'insufficient_scope'
  // RFC 7009 §2.2.1
  | 'unsupported_token_type'
  // RFC 7591 §3.2.2
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  // RFC 8707 §2
  | 'invalid_target'
  // RFC 9470 §3, and OpenID Connect Core Error Code unmet_authentication_requirements §2 for the answer to it
  | 'insufficient_user_authentication'
  | 'unmet_authentication_requirements'
  // RFC 9449 §12.2
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  // OpenID Connect Core §3.1.2.6
  | 'interaction_required'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported'

/** The JSON body of an error response, RFC 6749 §5.2. */
export interface OAuthErrorBody {
  readonly error: OAuthErrorCode
  readonly error_description?: string
  readonly error_uri?: string
}

/** An expected protocol failure thrown by a published package; `code` is stable, `message` is for people and may change. */
export class OAuthError extends Error {
  override readonly name: string = 'OAuthError'
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Builds the body of an error response with a description that may quote attacker-controlled input. */
export function errorBody(code: OAuthErrorCode, description?: string): OAuthErrorBody {
  return description === undefined ? { error: code } : { error: code, error_description: errorDescription(description) }
}

/**
 * Brings a sentence into the characters that `error_description` may have (RFC 6749 §5.2, RFC 6750 §3): printable
 * ASCII without the double quote and the backslash. Attacker-controlled input inside can neither break out of a
 * quoted string nor add a header line.
 */
export function errorDescription(sentence: string): string {
  return sentence.replaceAll('"', "'").replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/gu, '?')
}
