import { clientsOperations } from './clients.ts'
import { groupsOperations } from './groups.ts'
import { rolesOperations } from './roles.ts'
import { serversOperations } from './servers.ts'

/** Everything that the admin API can do, area by area. */
export const operations = [...serversOperations, ...rolesOperations, ...groupsOperations, ...clientsOperations] as const

type AnyOperation = (typeof operations)[number]

/** The operations by their ids. */
export type Operations = { readonly [O in AnyOperation as O['id']]: O }

export type OperationId = keyof Operations

const byId = new Map<string, AnyOperation>(operations.map((operation) => [operation.id, operation]))

/** The operation with an id. */
export function operationOf<Id extends OperationId>(id: Id): Operations[Id] {
  return byId.get(id) as Operations[Id]
}
