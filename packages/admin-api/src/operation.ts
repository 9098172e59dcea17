import type { z } from 'zod'
import type { AdminScope } from './scopes.ts'

/** One thing that the admin API can do: what goes in, what comes out, and what it needs. */
export interface Operation {
  /** `area.verb`, for programs. */
  readonly id: `${string}.${string}`
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/admin/v1`; `{name}` stands for a segment of the path. */
  readonly path: `/${string}`
  readonly scope: AdminScope
  /** Needs a login that is not older than fifteen minutes (RFC 9470). */
  readonly sensitive?: true
  /** One sentence in the imperative. */
  readonly summary: string
  /** What the segments of the path may be, beside text of 1 to 2048 characters. */
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** What the answer holds, or each item of it when it is paginated; without it the answer is empty (204). */
  readonly response?: z.ZodType
  readonly status?: 200 | 201
  /** An answer says its ETag; a PUT, PATCH or DELETE must say which one it changes (RFC 9110 §13.1). */
  readonly etag?: true
  /** Takes `limit` and `cursor`, and answers `{ items, next_cursor }`. */
  readonly paginated?: true
  /** Fields of the answer that are shown once: a repeated request with the same `Idempotency-Key` is answered without them. */
  readonly shownOnce?: readonly string[]
}

/** Keeps the exact type of an operation, so that handlers and the client are typed by it. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation
}

type SegmentsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SegmentsOf<Rest>
  : never

/** The named segments of an operation's path. */
export type ParamsOf<O extends Operation> = {
  readonly [Name in SegmentsOf<O['path']>]: O extends { params: infer P extends z.ZodObject }
    ? Name extends keyof z.output<P>
      ? z.output<P>[Name]
      : string
    : string
}

/** What a query says once it is checked. */
export type QueryOf<O extends Operation> = O extends { query: infer Q extends z.ZodType } ? z.output<Q> : object

/** What a body says once it is checked. */
export type BodyOf<O extends Operation> = O extends { body: infer B extends z.ZodType }
  ? Unchanged<z.output<B>>
  : undefined

/** A value as it is only read. */
export type Unchanged<T> = T extends readonly (infer Item)[]
  ? readonly Unchanged<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Unchanged<T[Name]> }
    : T

/** What an operation answers: one thing, or one page of them. */
export type ResponseOf<O extends Operation> = O extends { response: infer R extends z.ZodType }
  ? O extends { paginated: true }
    ? Page<Unchanged<z.output<R>>>
    : Unchanged<z.output<R>>
  : undefined

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** For the next page; null at the end. */
  readonly next_cursor: string | null
}

/** Whether an operation refuses to change what it was not shown. */
export function needsPrecondition({ etag, method }: Operation): boolean {
  return etag === true && (method === 'PUT' || method === 'PATCH' || method === 'DELETE')
}
