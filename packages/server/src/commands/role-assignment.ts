import { err, ok, type Result } from '@permitry/oauth'
import type { CommandContext, CommandEvent } from './command.ts'
import { defineCommand } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { checkRoles } from './references.ts'
import { revokeTokensOfPeople } from './revoke.ts'

/** A role, and who should hold it: a person, an agent or a group. */
export type RoleAssignment = { readonly roleId: string } & (
  | { readonly subjectId: string }
  | { readonly groupId: string }
)

/** Gives a role to a person or a group. It counts from the next token on. */
export const assignRole = defineCommand<RoleAssignment>('role.assign', async (context, assignment) => {
  const { roleId } = assignment
  const failure = await checkRoles(context.t, [roleId])
  if (failure) return err(failure)
  const holder = await findHolder(context, assignment)
  if (!holder.ok) return holder
  const { roles, setRoles } = holder.value
  if (roles.includes(roleId)) return ok('unchanged')
  await setRoles([...roles, roleId])
  return ok(eventOf('role.assigned', assignment))
})

/** Takes a role from a person or a group. The living tokens of everybody who held it that way are revoked. */
export const unassignRole = defineCommand<RoleAssignment>('role.unassign', async (context, assignment) => {
  const { roleId } = assignment
  const holder = await findHolder(context, assignment)
  if (!holder.ok) return holder
  const { people, roles, setRoles } = holder.value
  if (!roles.includes(roleId)) return ok('unchanged')
  await revokeTokensOfPeople(context, people)
  await setRoles(roles.filter((role) => role !== roleId))
  return ok(eventOf('role.removed', assignment))
})

interface Holder {
  readonly people: readonly string[]
  readonly roles: readonly string[]
  readonly setRoles: (roles: readonly string[]) => Promise<void>
}

async function findHolder(
  { t, now }: CommandContext,
  assignment: RoleAssignment,
): Promise<Result<Holder, CommandFailure>> {
  if ('subjectId' in assignment) {
    const { subjectId: id } = assignment
    const agent = await t.agents.find(id)
    if (agent)
      return ok({ people: [id], roles: agent.roles, setRoles: (roles) => t.agents.put({ ...agent, roles }, now) })
    const subject = await t.subjectDefinitions.find(id)
    if (!subject) return err({ reason: 'unknown', kind: 'subject', id })
    const setRoles = (roles: readonly string[]) => t.subjectDefinitions.put({ ...subject, roles }, now)
    return ok({ people: [id], roles: subject.roles, setRoles })
  }
  const { groupId: id } = assignment
  const group = await t.groups.find(id)
  if (!group) return err({ reason: 'unknown', kind: 'group', id })
  const setRoles = (roles: readonly string[]) => t.groups.put({ ...group, roles })
  return ok({ people: await t.groups.members(id), roles: group.roles, setRoles })
}

function eventOf(type: 'role.assigned' | 'role.removed', assignment: RoleAssignment): CommandEvent {
  return 'subjectId' in assignment
    ? { type, subjectId: assignment.subjectId, detail: { role: assignment.roleId } }
    : { type, detail: { role: assignment.roleId, group: assignment.groupId } }
}
