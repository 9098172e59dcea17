import type {
  BodyOf,
  OperationId,
  Operations,
  Page as WirePage,
  ParamsOf,
  QueryOf,
  ResponseOf,
} from '@permitry/admin-api'
import type { Result } from '@permitry/oauth'
import type { Operator } from '../commands/run.ts'
import type { Realm } from '../realm.ts'
import type { Page, Position } from '../store/repositories/page.ts'
import type { Precondition } from './precondition.ts'
import type { Refusal } from './refusal.ts'

/** A request whose sender, scope and shape were checked. */
export interface AdminRequest<Id extends OperationId> {
  readonly realm: Realm
  /** In whose name commands are run: the person's, with the admin scopes that the token carries. */
  readonly operator: Operator
  readonly params: ParamsOf<Operations[Id]>
  readonly query: QueryOf<Operations[Id]>
  readonly body: BodyOf<Operations[Id]>
  /** Which part of a list is asked for. */
  readonly page: { readonly most: number; readonly behind: Position | undefined }
  /** Which version a change is of. */
  readonly precondition: Precondition
}

/** What a handler has to say: the answer as it goes out, or for a list one page of it. */
export type Answer<Id extends OperationId> =
  ResponseOf<Operations[Id]> extends WirePage<infer Item> ? Page<Item> : ResponseOf<Operations[Id]>

/** Carries out one operation. */
export type Handler<Id extends OperationId> = (request: AdminRequest<Id>) => Promise<Result<Answer<Id>, Refusal>>

/** The handlers of an area: each of its operations has one, or it does not compile. */
export type HandlersOf<Area extends string> = {
  readonly [Id in Extract<OperationId, `${Area}.${string}`>]: Handler<Id>
}
