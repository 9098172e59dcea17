import { err, ok } from '@permitry/oauth'
import { defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/** Ends one answered authorization: its refresh token works no more and its living tokens are revoked. The consent stays. */
export const endFamily = defineCommand<{ readonly id: string }>('family.end', async (context, { id }) => {
  const { t, now } = context
  const family = await t.families.findLiving(id, now)
  if (!family) return err({ reason: 'unknown', kind: 'family', id })
  await t.families.end(id, 'ended by an operator', now)
  await revokeTokens(context, [{ familyId: id }])
  const { subjectId, clientId, serverId } = family
  return ok({ type: 'family.ended', subjectId, clientId, serverId, familyId: id, reason: 'ended by an operator' })
})
