import { err, ok } from '@permitry/oauth'
import type { Role } from '../store/repositories/roles.ts'
import { canonical } from './canonical.ts'
import { changeDetail, changesBetween } from './changes.ts'
import { defineCommand } from './command.ts'
import { checkOwnId, checkScopes } from './references.ts'
import { revokeTokensOfPeople } from './revoke.ts'

/** Makes a role, or replaces what it holds. When it holds less than before, the living tokens of its people are revoked. */
export const putRole = defineCommand<Role>('role.put', async (context, input) => {
  const { t } = context
  const role = canonical(input)
  const failure = checkOwnId('role', role.id) ?? (await checkScopes(t, role.scopes))
  if (failure) return err(failure)
  const before = await t.roles.find(role.id)
  const changes = changesBetween(before, role)
  if (before && changes.length === 0) return ok('unchanged')
  if (before && holdsLess(before, role)) await revokeTokensOfPeople(context, await t.roles.holders([role.id]))
  await t.roles.put(role)
  return ok({
    type: 'role.changed',
    detail: { role: role.id, change: before ? 'updated' : 'created', ...changeDetail(changes) },
  })
})

/** Removes a role from everybody who holds it. */
export const removeRole = defineCommand<{ readonly id: string }>('role.remove', async (context, { id }) => {
  const { t } = context
  const failure = checkOwnId('role', id)
  if (failure) return err(failure)
  const before = await t.roles.find(id)
  if (!before) return err({ reason: 'unknown', kind: 'role', id })
  await revokeTokensOfPeople(context, await t.roles.holders([id]))
  await t.roles.remove(id)
  await t.declarations.remove({ kind: 'role', id })
  return ok({
    type: 'role.changed',
    detail: { role: id, change: 'removed', ...changeDetail(changesBetween(before, undefined)) },
  })
})

function holdsLess(before: Role, after: Role): boolean {
  return Object.entries(before.scopes).some(([serverId, scopes]) => {
    const kept = new Set(after.scopes[serverId])
    return scopes.some((scope) => !kept.has(scope))
  })
}
