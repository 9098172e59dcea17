/** Why a ClientError was thrown; stable. What people can do something about is an outcome instead, and not thrown. */
export type ClientErrorCode =
  /** An option is wrong; the message says the fix. */
  | 'invalid_options'
  /** An address that a server handed over may not be fetched or opened: not https, or not on the public internet. */
  | 'address_refused'
  /** An answer was too large or took too long. */
  | 'limit_exceeded'
  /** The metadata of an MCP server names another resource than the server itself, RFC 9728 §3.3. */
  | 'resource_mismatch'
  /** The authorization server does not do PKCE with S256. */
  | 'pkce_unsupported'
  /** The MCP server or its authorization server has no metadata document. */
  | 'metadata_missing'
  /** The app has no client at this authorization server, and no way to become one. */
  | 'not_registered'
  /** The MCP server moved away from the authorization server at which the app is registered. */
  | 'issuer_changed'
  /** The authorization server refuses the client itself. */
  | 'client_refused'
  /** A token request failed for a reason that will pass; the login is kept. */
  | 'temporarily_unavailable'
  /** A person came back from the authorization server with an answer that could not be taken, or did not come back. */
  | 'login_failed'
  /** Tokens of a type that this package cannot present. */
  | 'unsupported_token_type'
  /** A stored row cannot be opened. */
  | 'store_unreadable'

/** An error of this package. Messages hold no secrets; text that a server chose is quoted in backticks. */
export class ClientError extends Error {
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ClientError'
    this.code = code
  }
}
