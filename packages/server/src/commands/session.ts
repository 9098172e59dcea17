import { err, ok } from '@permitry/oauth'
import { type CommandContext, defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/** Signs one browser out, and ends what was authorized from it: whoever sat there may have been somebody else. Consents stay. */
export const endSession = defineCommand<{ readonly id: string }>('session.end', async (context, { id }) => {
  const session = await context.t.sessions.find(id)
  if (!session) return err({ reason: 'unknown', kind: 'session', id })
  const families = await endLivingSession(context, id)
  if (!families) return ok('unchanged')
  return ok({ type: 'session.ended', subjectId: session.subject_id, detail: { session: id, families } })
})

/** Ends a session with what was authorized from it; undefined when it had ended before. */
export async function endLivingSession(context: CommandContext, id: string): Promise<string[] | undefined> {
  const { t, now } = context
  if (!(await t.sessions.end(id, now))) return undefined
  const families = await t.families.endAll({ sessionId: id }, 'session ended', now)
  await revokeTokens(
    context,
    families.map((familyId) => ({ familyId })),
  )
  return families
}
