import type { JWK } from 'jose'

/** An authorization server whose access tokens are accepted. */
export interface IssuerOptions {
  /** Exactly as its metadata writes it. */
  readonly issuer: string
  /** What this MCP server is known by at the authorization server: for introspection, signals and reports. */
  readonly credential?: Credential
  /**
   * Whether it also issues tokens that are not signed: it is asked what they are worth (RFC 7662), as the client that
   * `credential` names. One issuer only, since nothing in such a token says whose it is.
   */
  readonly opaqueTokens?: boolean
  /**
   * Whether it is Permitry, which with `credential` sends signals and takes reports: the default. `false` for another
   * authorization server, which is asked about opaque tokens only.
   */
  readonly guardApi?: boolean
}

/** A client of the authorization server that stands for an MCP server, with the key that it signs by (RFC 7523 §2.2). */
export interface Credential {
  /** Whose it is; where it is said it must be the issuer beside which it stands. */
  readonly issuer?: string
  readonly client_id: string
  /** With `kid` and `alg`. It signs assertions and never leaves the process. */
  readonly private_key: JWK
}
