import { ok } from '@permitry/oauth'
import { putGroup, removeGroup } from '../commands/group.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { changeDefinition, find, putDefinition } from './change.ts'
import type { HandlersOf } from './handler.ts'
import type { Target } from './refusal.ts'

const groupTarget = (id: string): Target => ({ kind: 'group', id })

export const groups: HandlersOf<'groups'> = {
  async 'groups.list'({ realm, query, page }) {
    return ok(await realm.read((t) => t.groups.page({ containing: query.q, ...page })))
  },

  'groups.get': (request) => find(request, groupTarget(request.params.id), readGroup(request.params.id)),

  'groups.put': (request) => {
    const { id } = request.params
    const input = () => ({ id, ...request.body })
    return putDefinition(request, { target: groupTarget(id), command: putGroup, input, read: readGroup(id) })
  },

  async 'groups.delete'(request) {
    const { id } = request.params
    const change = { target: groupTarget(id), command: removeGroup, input: () => ({ id }), read: readGroup(id) }
    const done = await changeDefinition(request, change)
    return done.ok ? ok(undefined) : done
  },

  async 'groups.members'(request) {
    const { params, query, page, realm } = request
    const group = await find(request, groupTarget(params.id), readGroup(params.id))
    if (!group.ok) return group
    return ok(await realm.read((t) => t.groups.memberPage(params.id, { containing: query.q, ...page })))
  },
}

function readGroup(id: string) {
  return (t: InTenant) => t.groups.find(id)
}
