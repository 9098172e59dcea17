/** The kinds of things that a rule can be about. A list asks about each of its items, a call about one. */
export type ResourceType = 'tool' | 'prompt' | 'resource'

/** Who asks, AuthZEN Authorization API 1.0 §5.1. `id` is the verified `sub`; `properties` are what conditions may read. */
export interface Subject<P> {
  readonly type: 'user'
  readonly id: string
  readonly properties: P
}

/** What is asked about, AuthZEN §5.3. */
export interface Resource {
  readonly type: ResourceType
  /** The name of the rule: a tool's or prompt's name, a resource's URI or URI template. */
  readonly id: string
  /** The object that the arguments name: `null` when it does not exist, left out where nothing was looked up. */
  readonly object?: unknown
}

/** What else a decision may depend on, AuthZEN §5.4. Scopes are closed under the hierarchy by the caller. */
export interface Context {
  readonly scopes: ReadonlySet<string>
  /** Scopes that the subject could still get through this client; left out where the token does not say. */
  readonly entitlements?: ReadonlySet<string>
  readonly client: string
  /** Milliseconds. */
  readonly now: number
  readonly acr?: string
  /** Seconds since the epoch, as in the claim `auth_time`. */
  readonly authTime?: number
  /** Left out when a list asks: then conditions on arguments and objects do not count. */
  readonly arguments?: Readonly<Record<string, unknown>>
  /** Why the arguments do not fit the tool's schema, in words for a model. */
  readonly argumentFault?: string
}

/** One question: may this subject do this to that, now? Words of the AuthZEN Authorization API 1.0. */
export interface AccessRequest<P> {
  readonly subject: Subject<P>
  readonly action: { readonly name: string }
  readonly resource: Resource
  readonly context: Context
}
