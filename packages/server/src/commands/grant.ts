import { err, ok } from '@permitry/oauth'
import { defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/** Withdraws a consent: the grant and all its families end, and the living tokens of each are revoked. */
export const withdrawGrant = defineCommand<{ readonly id: string }>('grant.withdraw', async (context, { id }) => {
  const { t, now } = context
  const grant = await t.grants.findLivingById(id)
  if (!grant) return err({ reason: 'unknown', kind: 'grant', id })
  await t.grants.end(id, now)
  const families = await t.families.endAll({ grantId: id }, 'grant withdrawn', now)
  await revokeTokens(
    context,
    families.map((familyId) => ({ familyId })),
  )
  return ok({
    type: 'grant.withdrawn',
    subjectId: grant.subjectId,
    clientId: grant.clientId,
    serverId: grant.serverId,
    detail: { grant: id, families },
  })
})
