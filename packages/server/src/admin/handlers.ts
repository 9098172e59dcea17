import type { OperationId } from '@permitry/admin-api'
import { groups } from './groups.ts'
import type { Handler } from './handler.ts'
import { roles } from './roles.ts'

/** What carries out each operation: one without a handler does not compile. */
export const handlers = { ...roles, ...groups } satisfies { readonly [Id in OperationId]: Handler<Id> }
