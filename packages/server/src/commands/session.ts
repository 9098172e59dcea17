import { err, ok } from '@permitry/oauth'
import { defineCommand } from './command.ts'
import { revokeTokens } from './revoke.ts'

/** Signs one browser out, and ends what was authorized from it: whoever sat there may have been somebody else. Consents stay. */
export const endSession = defineCommand<{ readonly id: string }>('session.end', async (context, { id }) => {
  const { t, now } = context
  const session = await t.sessions.find(id)
  if (!session) return err({ reason: 'unknown', kind: 'session', id })
  if (!(await t.sessions.end(id, now))) return ok('unchanged')
  const families = await t.families.endAll({ sessionId: id }, 'session ended', now)
  await revokeTokens(
    context,
    families.map((familyId) => ({ familyId })),
  )
  return ok({ type: 'session.ended', subjectId: session.subject_id, detail: { session: id, families } })
})
