/**
 * What both MCP SDKs call `AuthInfo`: the verified caller, as a handler gets it. `token` is a placeholder, since the
 * access token stays in the guard; read the caller with `decided(authInfo)`.
 */
export interface AuthInfo {
  token: string
  clientId: string
  /** Closed under the hierarchy, so that an exact comparison further inside honours it too. */
  scopes: string[]
  expiresAt?: number
  resource?: URL
  resourceMetadataUrl?: string
  extra?: Record<string, unknown>
}

/** Who calls, by the claims of a verified access token. Claim names are kept. */
export interface Principal {
  readonly iss: string
  readonly sub: string
  readonly client_id: string
  /** As granted, without what they imply. */
  readonly scopes: readonly string[]
  /** Scopes that this person could still get through this client; left out where the token does not say. */
  readonly entitlements?: readonly string[]
  /** Empty unless the authorization server tells this MCP server role names. */
  readonly roles: readonly string[]
  readonly jti: string
  /** Seconds, as in the token. */
  readonly exp: number
  readonly fam?: string
  readonly acr?: string
  readonly auth_time?: number
  /** The key that the caller proved to hold, for a token that is bound to one (RFC 9449 §6.1). */
  readonly cnf?: { readonly jkt: string }
}

/** The part of a schema library that the guard uses: https://standardschema.dev, which zod, valibot and arktype implement. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** An HTTP request as the guard reads it: a web-standard `Request` is one, and adapters make one without converting. */
export interface Incoming {
  readonly method: string
  readonly url: string
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
  text(): Promise<string>
}
