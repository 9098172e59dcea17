import type { OperationId } from '@permitry/admin-api'
import { clients } from './clients.ts'
import { groups } from './groups.ts'
import type { Handler } from './handler.ts'
import { roles } from './roles.ts'
import { servers } from './servers.ts'

/** What carries out each operation: one without a handler does not compile. */
export const handlers = { ...servers, ...roles, ...groups, ...clients } satisfies {
  readonly [Id in OperationId]: Handler<Id>
}
