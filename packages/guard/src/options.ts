import type { Plan } from '@permitry/policy'
import type { AuditOptions } from './audit.ts'
import type { Schedule } from './issuer/exchange.ts'
import type { IssuerOptions } from './issuer/options.ts'
import type { DpopOptions } from './issuer/proofs.ts'
import type { ObjectRule } from './object-rule.ts'
import type { Principal, StandardSchema } from './types.ts'

/** What one tool, prompt or resource needs. Every member but `scope` narrows further. */
export interface ItemRule {
  /** All of them are needed. `[]` means: whoever has a valid token for this server. */
  readonly scope: string | readonly string[]
  /** Checks the arguments, e.g. the zod schema that the tool is registered with. */
  readonly input?: StandardSchema
  /** Condition on the arguments: `true`, or a sentence that tells a model which arguments would do. */
  readonly when?: (principal: Principal, args: Readonly<Record<string, unknown>>) => true | string
  /** Looks up the object that the arguments name, and says who may use it. */
  readonly object?: ObjectRule
  /** Which objects a list may show; the handler finds it in `decided(…).plan` and puts it into its query. */
  readonly plan?: (principal: Principal) => Plan
  /** For people whose roles never grant the scope: `hide` it (the default), or list it and `explain` a call. */
  readonly whenNever?: 'hide' | 'explain'
  /** Authentication contexts of which the login needs one, RFC 9470. */
  readonly acr?: string | readonly string[]
  /** Greatest acceptable age of the login in seconds, RFC 9470. */
  readonly maxAge?: number
}

/** A rule, or only its scopes. */
export type ItemOption = string | readonly string[] | ItemRule

/** What `guard` takes. All of it is checked when the guard is made. */
export interface GuardOptions extends IssuerOptions {
  /** Further authorization servers whose tokens are accepted: each for what it signed itself, and for nothing else. */
  readonly otherIssuers?: readonly IssuerOptions[]
  /** The public URL of the MCP server: audience of its tokens, and `resource` of its metadata byte for byte. */
  readonly resource: string
  /** Other audiences that mean this server, such as `mcp://vetassist`. */
  readonly names?: readonly string[]
  /** Named by the 401 challenge and the metadata: what a client asks for first. */
  readonly defaultScopes: readonly string[]
  /** Which scopes carry others along: `{ 'pets:write': { implies: ['pets:read'] } }`. */
  readonly scopes?: Readonly<Record<string, { readonly implies: readonly string[] }>>
  /** By name. A tool that is not named is refused and not listed. */
  readonly tools: Readonly<Record<string, ItemOption>>
  /** By name. */
  readonly prompts?: Readonly<Record<string, ItemOption>>
  /** By URI or by URI template with `{variables}`, which rules find among the arguments, beside `uri`. */
  readonly resources?: Readonly<Record<string, ItemOption>>
  /**
   * The server has tasks: of 2025-11-25, or by the extension `io.modelcontextprotocol/tasks`. Each belongs to the person
   * and the client that started it, and the rule of its tool decides again. Without this their methods are unknown ones.
   */
  readonly tasks?: boolean
  /**
   * What happens with tokens of an issuer whose signals were not heard for ten seconds. `allow`, the default: they are
   * served until they expire, also those that were revoked meanwhile, and `status()` says `degraded`. `deny`: calls are
   * answered 503, and open streams end.
   */
  readonly onSignalLoss?: 'allow' | 'deny'
  /**
   * Tokens that are bound to a key (DPoP, RFC 9449) are served beside those that are not; `false` refuses them.
   */
  readonly dpop?: false | DpopOptions
  /** Web origins whose pages may call, besides those on the server's own host; `'*'` for every one. */
  readonly origins?: '*' | readonly string[]
  /** Greatest request body, 4 MiB unless said otherwise. */
  readonly maxBodyBytes?: number
  /** Where decisions are told. */
  readonly audit?: AuditOptions
  /** When decisions cannot be reported and no more can be kept: refuse calls (`deny`, the default), or lose records (`allow`). */
  readonly onReportLoss?: 'deny' | 'allow'
  /** Told what an operator must know and no caller is: why the issuer's keys cannot be had. `console.error` by default. */
  readonly onError?: (error: Error) => void
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
  /** Runs something later, and returns how to call it off: timers of the runtime by default. */
  readonly schedule?: Schedule
  /** Fetches the metadata and keys of the issuer. */
  readonly fetch?: typeof fetch
}
