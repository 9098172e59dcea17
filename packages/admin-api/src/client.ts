import type { z } from 'zod'
import { type Operation, type ParamsOf, type ResponseOf, type Unchanged } from './operation.ts'
import { type OperationId, operationOf, type Operations } from './operations.ts'
import { Problem } from './problem.ts'

/** Sends a request with whatever proves who sends it: a bearer token, or the cookie of the console. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/** A refusal of the admin API. */
export class AdminError extends Error {
  override name = 'AdminError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }
}

/** What an operation answered, and the version of it that a change must name. */
export interface Answered<O extends Operation> {
  readonly value: ResponseOf<O>
  readonly etag: string | undefined
}

export interface AdminClient {
  /** Runs an operation. Throws `AdminError` when it is refused, and whatever `send` throws. */
  readonly call: <Id extends OperationId>(
    id: Id,
    ...rest: Arguments<Operations[Id]>
  ) => Promise<Answered<Operations[Id]>>
}

/** Options may be left out where nothing in them must be said. */
type Arguments<O extends Operation> = object extends Options<O> ? [options?: Options<O>] : [options: Options<O>]

type Options<O extends Operation> = { readonly signal?: AbortSignal } & ([keyof ParamsOf<O>] extends [never]
  ? unknown
  : { readonly params: ParamsOf<O> }) &
  (O extends { body: infer B extends z.ZodType } ? { readonly body: Unchanged<z.input<B>> } : unknown) &
  (O extends { method: 'POST' } ? { readonly idempotencyKey?: string } : unknown) &
  QueryOptions<O> &
  (O extends { etag: true; method: 'PUT' | 'PATCH' | 'DELETE' } ? Precondition<O['method']> : unknown)

type QueryOptions<O extends Operation> = O extends { paginated: true }
  ? { readonly query?: Filters<O> & { readonly limit?: number; readonly cursor?: string } }
  : O extends { query: z.ZodObject }
    ? { readonly query?: Filters<O> }
    : unknown

type Filters<O extends Operation> = O extends { query: infer Q extends z.ZodType } ? z.input<Q> : unknown

/** `ifMatch` changes what has that ETag; `ifNoneMatch: '*'` makes what is not there yet. */
type Precondition<Method> =
  | { readonly ifMatch: string }
  | (Method extends 'PUT' ? { readonly ifNoneMatch: '*' } : never)

interface AnyOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

/** A client of the admin API below `base` (`{issuer}/admin/v1`), typed by the contract. */
export function createAdminClient(send: Send, base: string): AdminClient {
  return {
    async call<Id extends OperationId>(id: Id, ...[options = {}]: [options?: AnyOptions] | Arguments<Operations[Id]>) {
      const operation: Operation = operationOf(id)
      const { body, ifMatch, ifNoneMatch, idempotencyKey, signal } = options as AnyOptions
      const headers = new Headers({ accept: 'application/json, application/problem+json' })
      if (body !== undefined) headers.set('content-type', 'application/json')
      if (ifMatch !== undefined) headers.set('if-match', ifMatch)
      if (ifNoneMatch !== undefined) headers.set('if-none-match', ifNoneMatch)
      if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey)
      const response = await send(base + addressOf(operation, options as AnyOptions), {
        method: operation.method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
      if (!response.ok) throw new AdminError(await readProblem(response))
      const value: unknown = operation.response ? await response.json() : undefined
      return { value: value as ResponseOf<Operations[Id]>, etag: response.headers.get('etag') ?? undefined }
    },
  }
}

function addressOf({ path }: Operation, { params = {}, query = {} }: AnyOptions): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return search.size === 0 ? filled : `${filled}?${search.toString()}`
}

/** What answers may be something in between, such as a proxy: then there is only its status to tell. */
async function readProblem(response: Response): Promise<Problem> {
  const fallback = { type: 'about:blank', title: `the server answered ${response.status}`, status: response.status }
  try {
    const parsed = Problem.safeParse(await response.json())
    return parsed.success ? parsed.data : fallback
  } catch {
    return fallback
  }
}
