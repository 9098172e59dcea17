/** What became of a request: done, a person must go to the authorization server first, or it stays refused. */
export type Outcome<T> = Done<T> | AuthorizationAsked | Refused

export interface Done<T> {
  readonly status: 'done'
  readonly result: T
}

/** Send the browser to `url`; `finish` takes what comes back. Calls that wait for it are repeated after it. */
export interface AuthorizationAsked {
  readonly status: 'authorize'
  /** The same for all calls that wait for one authorization; no secret. */
  readonly id: string
  readonly url: string
  readonly reason: AuthorizationReason
  /** Scopes that the calls need and the token lacks; empty at a first login. */
  readonly missing: readonly string[]
  /** Of `missing`, what was asked for before and not given. */
  readonly withheldBefore: readonly string[]
  /** What is asked for. */
  readonly scopes: readonly string[]
  readonly issuer: string
  /** What the MCP server says about it: text of a stranger. */
  readonly description: string | undefined
  readonly expiresAt: number
}

/** No usable token; too few scopes; or a login that the operation finds too weak or too old (RFC 9470). */
export type AuthorizationReason = 'login' | 'step-up' | 'stronger-login'

export interface Refused {
  readonly status: 'refused'
  /**
   * `declined`: the person said no. `withheld`: an authorization for exactly this came back without the scopes.
   * `insufficient`: the server refuses a token that has what it asks for, or asks again and again.
   */
  readonly reason: 'declined' | 'withheld' | 'insufficient'
  readonly missing: readonly string[]
  readonly description: string | undefined
}
