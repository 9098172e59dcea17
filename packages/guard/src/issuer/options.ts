import type { JWK } from 'jose'

/** An authorization server whose access tokens are accepted. */
export interface IssuerOptions {
  /** Exactly as its metadata writes it. */
  readonly issuer: string
  /** What this MCP server is known by at the authorization server: for introspection, signals and reports. */
  readonly credential?: Credential
}

/** A client of the authorization server that stands for an MCP server, with the key that it signs by (RFC 7523 §2.2). */
export interface Credential {
  /** Whose it is; where it is said it must be the issuer beside which it stands. */
  readonly issuer?: string
  readonly client_id: string
  /** With `kid` and `alg`. It signs assertions and never leaves the process. */
  readonly private_key: JWK
}
