import { err, ok } from '@permitry/oauth'
import { reachOf, type Reach } from '../access/reach.ts'
import {
  eraseSubject,
  putSubject,
  removeSubject,
  resumeSubject,
  setPassword,
  suspendSubject,
} from '../commands/subject.ts'
import { checkPasswordRules, hashPassword } from '../login/password.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { ListedSubject } from '../store/repositories/subject-list.ts'
import { act, changeDefinition, find, putDefinition } from './change.ts'
import type { HandlersOf } from './handler.ts'
import type { Target } from './refusal.ts'

const person = (id: string): Target => ({ kind: 'subject', id })

export const people: HandlersOf<'people'> = {
  async 'people.list'({ realm, query: { q = '', role, group }, page: { behind, most } }) {
    if ([q, role, group].filter(Boolean).length > 1)
      return err({ kind: 'invalid', detail: 'search by text, by role or by group: one of them at a time' })
    return ok(
      await realm.read(async ({ subjectList }) => {
        const { items, next } =
          role !== undefined
            ? await subjectList.holders(role, behind, most)
            : group !== undefined
              ? await subjectList.members(group, behind, most)
              : await subjectList.page({ kind: 'person', startsWith: q, behind, most })
        const rows = await subjectList.rows(items)
        return { items: rows.filter(({ kind }) => kind === 'person').map(toWire), next }
      }),
    )
  },

  'people.get': (request) => find(request, person(request.params.id), findPerson(request.params.id)),

  'people.put': (request) => {
    const { id } = request.params
    const input = () => ({ id, ...request.body })
    return putDefinition(request, { target: person(id), command: putSubject, input, read: findPerson(id) })
  },

  async 'people.delete'(request) {
    const { id } = request.params
    const change = { target: person(id), command: removeSubject, input: () => ({ id }), read: findPerson(id) }
    const done = await changeDefinition(request, change)
    return done.ok ? ok(undefined) : done
  },

  'people.suspend': (request) => act(request, suspendSubject, request.params, person(request.params.id)),

  'people.resume': (request) => act(request, resumeSubject, request.params, person(request.params.id)),

  async 'people.set_password'(request) {
    const { id } = request.params
    const { password } = request.body
    const problem = checkPasswordRules(password)
    if (problem !== undefined)
      return err({ kind: 'invalid', detail: problem, errors: [{ pointer: '#/password', detail: problem }] })
    // Looked up before it is hashed: hashing for nobody would keep the server busy.
    const known = await find(request, person(id), findPerson(id))
    if (!known.ok) return known
    return act(request, setPassword, { id, passwordHash: await hashPassword(password) }, person(id))
  },

  'people.erase': (request) => act(request, eraseSubject, request.params, person(request.params.id)),

  async 'people.access'(request) {
    const { id } = request.params
    const reach = await find(request, person(id), (t) => reachOf(t, id, request.realm.now()))
    return reach.ok ? ok(toReach(reach.value)) : reach
  },
}

function findPerson(id: string) {
  return async (t: InTenant) => {
    const [row] = await t.subjectList.rows([id])
    if (row?.kind !== 'person') return undefined
    const agents = await t.subjectList.rows(await t.agents.ownedBy(id))
    return { ...toWire(row), agents: agents.map((agent) => ({ id: agent.id, name: agent.name })) }
  }
}

function toWire({ id, username, name, email, roles, groups, status, hasPassword }: ListedSubject) {
  return { id, username, name, email, roles: [...roles], groups: [...groups], status, has_password: hasPassword }
}

function toReach({ active, roles, servers }: Reach) {
  return {
    active,
    roles: roles.map(({ groups, ...role }) => ({
      ...role,
      groups: Object.entries(groups).map(([id, name]) => ({ id, name })),
    })),
    servers: servers.map((at) => ({
      server: { id: at.serverId, name: at.name },
      active: at.active,
      scopes: [...at.scopes],
      tools: at.tools.map(({ dependsOn, scopes, ...tool }) => ({
        ...tool,
        scopes: scopes && [...scopes],
        depends_on: [...dependsOn],
      })),
      clients: at.clients.map((through) => ({
        client: { id: through.clientId, name: through.name },
        active: through.active,
        scopes: [...through.scopes],
        consented: through.consented && [...through.consented],
        tools: [...through.tools],
      })),
      more_clients: at.moreClients,
    })),
  }
}
