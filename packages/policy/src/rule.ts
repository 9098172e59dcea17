import type { ResourceType, Subject } from './request.ts'

/** What one tool, prompt or resource needs. Every member narrows: what is left out adds no condition, and no rule is no access. */
export interface Rule<P> {
  /** All of them are needed. Empty: whoever has a valid token. */
  readonly scopes: readonly string[]
  /** Authentication contexts of which one is needed, RFC 9470 §3. */
  readonly acrValues?: readonly string[]
  /** Greatest acceptable age of the login, RFC 9470 §3. */
  readonly maxAgeSeconds?: number
  /** Whether somebody who can never use it sees that it exists. */
  readonly whenNever: 'hide' | 'explain'
  /** Condition on the arguments: `true`, or a sentence that says to a model which arguments would do. */
  readonly allowArguments?: (subject: Subject<P>, args: Readonly<Record<string, unknown>>) => true | string
  /** Condition on the object that the arguments name. Never asked about an absent object. */
  readonly allowObject?: (subject: Subject<P>, object: unknown) => boolean
}

/** All rules of a server. What is not in here is refused. */
export type Rules<P> = Readonly<Record<ResourceType, ReadonlyMap<string, Rule<P>>>>
