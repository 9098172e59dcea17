import { inTenant, type InTenant } from '../store/in-tenant.ts'
import type { Agent } from '../store/repositories/agents.ts'
import type { Group } from '../store/repositories/groups.ts'
import type { Role } from '../store/repositories/roles.ts'
import type { StoredSubject } from '../store/repositories/subject-definitions.ts'
import type { Operator } from './run.ts'

/** A group and who is in it. */
export interface GroupWithMembers extends Group {
  readonly members: readonly string[]
}

/** Whether a person or an agent may work. */
interface WithStatus {
  readonly active: boolean
}

/** All roles. */
export function listRoles({ store, tenant }: Operator): Promise<Role[]> {
  return store.read((db) => inTenant(db, tenant).roles.all())
}

/** All groups with their members. */
export function listGroups({ store, tenant }: Operator): Promise<GroupWithMembers[]> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    const found: GroupWithMembers[] = []
    for (const group of await t.groups.all()) found.push({ ...group, members: await t.groups.members(group.id) })
    return found
  })
}

/** All people, or the one with an id, without anything that is secret. */
export function listPeople({ store, tenant }: Operator, id?: string): Promise<(StoredSubject & WithStatus)[]> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    const one = id === undefined ? undefined : await t.subjectDefinitions.find(id)
    return addStatus(t, id === undefined ? await t.subjectDefinitions.all() : one ? [one] : [])
  })
}

/** All clients that act for themselves, as the subjects that they are then. */
export function listAgents({ store, tenant }: Operator): Promise<(Agent & WithStatus)[]> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    return addStatus(t, await t.agents.all())
  })
}

async function addStatus<T extends { readonly id: string }>(
  t: InTenant,
  subjects: readonly T[],
): Promise<(T & WithStatus)[]> {
  const suspended = await t.subjects.suspended()
  return subjects.map((subject) => ({ ...subject, active: !suspended.has(subject.id) }))
}
