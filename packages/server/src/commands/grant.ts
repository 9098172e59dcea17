import { err, ok } from '@permitry/oauth'
import type { Grant } from '../store/repositories/grants.ts'
import { type CommandContext, type CommandEvent, defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/** Withdraws a consent: the grant and all its families end, and the living tokens of each are revoked. */
export const withdrawGrant = defineCommand<{ readonly id: string }>('grant.withdraw', async (context, { id }) => {
  const grant = await context.t.grants.findLivingById(id)
  if (!grant) return err({ reason: 'unknown', kind: 'grant', id })
  return ok(await endGrant(context, grant))
})

/** Ends a living grant, whoever asks for it. */
export async function endGrant(context: CommandContext, { id, ...grant }: Grant): Promise<CommandEvent> {
  const { t, now } = context
  await t.grants.end(id, now)
  const families = await t.families.endAll({ grantId: id }, 'grant withdrawn', now)
  await revokeTokens(
    context,
    families.map((familyId) => ({ familyId })),
  )
  return {
    type: 'grant.withdrawn',
    subjectId: grant.subjectId,
    clientId: grant.clientId,
    serverId: grant.serverId,
    detail: { grant: id, families },
  }
}

/** Withdraws all consents that people gave to one client. */
export const withdrawGrantsOfClient = defineCommand<{ readonly clientId: string }>(
  'grant.withdraw',
  async (context, { clientId }) => {
    const { t, now } = context
    if (!(await t.clients.find(clientId))) return err({ reason: 'unknown', kind: 'client', id: clientId })
    const grants = await t.grants.endAllOfClient(clientId, now)
    if (grants.length === 0) return ok('unchanged')
    for (const grantId of grants) await t.families.endAll({ grantId }, 'grant withdrawn', now)
    await revokeTokens(context, [{ clientId }])
    return ok({ type: 'grant.withdrawn', clientId, detail: { grants } })
  },
)
