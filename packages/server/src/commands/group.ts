import { err, ok } from '@permitry/oauth'
import type { Group } from '../store/repositories/groups.ts'
import { canonical } from './canonical.ts'
import { changeDetail, changesBetween } from './changes.ts'
import { defineCommand } from './command.ts'
import { checkRoles } from './references.ts'
import { revokeTokensOfPeople } from './revoke.ts'

/** Makes a group, or replaces its name and roles. When it loses a role, the living tokens of its members are revoked. */
export const putGroup = defineCommand<Group>('group.put', async (context, input) => {
  const { t } = context
  const group = canonical(input)
  const failure = await checkRoles(t, group.roles)
  if (failure) return err(failure)
  const before = await t.groups.find(group.id)
  const changes = changesBetween(before, group)
  if (before && changes.length === 0) return ok('unchanged')
  if (before?.roles.some((role) => !group.roles.includes(role)))
    await revokeTokensOfPeople(context, await t.groups.members(group.id))
  await t.groups.put(group)
  return ok({
    type: 'group.changed',
    detail: { group: group.id, change: before ? 'updated' : 'created', ...changeDetail(changes) },
  })
})

/** Removes a group; its members lose what they held through it. */
export const removeGroup = defineCommand<{ readonly id: string }>('group.remove', async (context, { id }) => {
  const { t } = context
  const before = await t.groups.find(id)
  if (!before) return err({ reason: 'unknown', kind: 'group', id })
  await revokeTokensOfPeople(context, await t.groups.members(id))
  await t.groups.remove(id)
  await t.declarations.remove({ kind: 'group', id })
  return ok({
    type: 'group.changed',
    detail: { group: id, change: 'removed', ...changeDetail(changesBetween(before, undefined)) },
  })
})
