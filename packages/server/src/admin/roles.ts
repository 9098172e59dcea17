import { ok } from '@permitry/oauth'
import { isReserved } from '../access/admin-api.ts'
import { assignRole, type RoleAssignment, unassignRole } from '../commands/role-assignment.ts'
import { putRole, removeRole } from '../commands/role.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Role } from '../store/repositories/roles.ts'
import { act, changeDefinition, find, putDefinition } from './change.ts'
import type { HandlersOf } from './handler.ts'
import type { Target } from './refusal.ts'

const roleTarget = (id: string): Target => ({ kind: 'role', id })

export const roles: HandlersOf<'roles'> = {
  async 'roles.list'({ realm, query, page }) {
    const { items, next } = await realm.read((t) => t.roles.page({ containing: query.q, ...page }))
    return ok({ items: items.map(toWire), next })
  },

  'roles.get': (request) => find(request, roleTarget(request.params.id), readRole(request.params.id)),

  'roles.put': (request) => {
    const { id } = request.params
    const input = () => ({ id, ...request.body })
    return putDefinition(request, { target: roleTarget(id), command: putRole, input, read: readRole(id) })
  },

  async 'roles.delete'(request) {
    const { id } = request.params
    const change = { target: roleTarget(id), command: removeRole, input: () => ({ id }), read: readRole(id) }
    const done = await changeDefinition(request, change)
    return done.ok ? ok(undefined) : done
  },

  async 'roles.holders'(request) {
    const { params, query, page, realm } = request
    const role = await find(request, roleTarget(params.id), readRole(params.id))
    if (!role.ok) return role
    return ok(await realm.read((t) => t.roles.holderPage(params.id, { containing: query.q, ...page })))
  },

  'roles.assign': (request) => act(request, assignRole, assignmentOf(request.params), roleTarget(request.params.id)),

  'roles.unassign': (request) =>
    act(request, unassignRole, assignmentOf(request.params), roleTarget(request.params.id)),
}

function assignmentOf({ id, kind, holder }: { id: string; kind: 'subject' | 'group'; holder: string }): RoleAssignment {
  return kind === 'group' ? { roleId: id, groupId: holder } : { roleId: id, subjectId: holder }
}

function readRole(id: string) {
  return async (t: InTenant) => {
    const role = await t.roles.find(id)
    return role && toWire(role)
  }
}

function toWire({ id, name, description, scopes }: Role) {
  return { id, name, description, scopes, built_in: isReserved(id) }
}
