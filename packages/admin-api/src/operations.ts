import { agentsOperations } from './agents.ts'
import { auditOperations } from './audit.ts'
import { clientsOperations } from './clients.ts'
import { decisionsOperations } from './decisions.ts'
import { grantsOperations } from './grants.ts'
import { groupsOperations } from './groups.ts'
import { keysOperations } from './keys.ts'
import { overviewOperations } from './overview.ts'
import { peopleOperations } from './people.ts'
import { rolesOperations } from './roles.ts'
import { serversOperations } from './servers.ts'
import { sessionsOperations } from './sessions.ts'
import { systemOperations } from './system.ts'

/** Everything that the admin API can do, area by area. */
export const operations = [
  ...overviewOperations,
  ...serversOperations,
  ...rolesOperations,
  ...groupsOperations,
  ...peopleOperations,
  ...agentsOperations,
  ...clientsOperations,
  ...grantsOperations,
  ...sessionsOperations,
  ...auditOperations,
  ...decisionsOperations,
  ...keysOperations,
  ...systemOperations,
] as const

type AnyOperation = (typeof operations)[number]

/** The operations by their ids. */
export type Operations = { readonly [O in AnyOperation as O['id']]: O }

export type OperationId = keyof Operations

const byId = new Map<string, AnyOperation>(operations.map((operation) => [operation.id, operation]))

/** The operation with an id. */
export function operationOf<Id extends OperationId>(id: Id): Operations[Id] {
  return byId.get(id) as Operations[Id]
}
