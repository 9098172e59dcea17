import type { Operations, ResponseOf } from '@permitry/admin-api'
import { queryOptions } from '@tanstack/react-query'
import { admin } from '../api/admin.ts'

export type Role = ResponseOf<Operations['roles.get']>

/** A role with the version that a change of it must name. */
export const roleQuery = (id: string) =>
  queryOptions({
    queryKey: ['roles', id],
    queryFn: async ({ signal }) => admin.call('roles.get', { params: { id }, signal }),
  })

/** How many scopes a role holds, at all servers. */
export function countScopes(role: Role): number {
  return Object.values(role.scopes).flat().length
}
