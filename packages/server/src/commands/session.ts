import { err, ok } from '@permitry/oauth'
import { defineCommand } from './command.ts'

/** Signs one browser out. Tokens that applications got meanwhile stay: they belong to grants. */
export const endSession = defineCommand<{ readonly id: string }>('session.end', async ({ t, now }, { id }) => {
  const session = await t.sessions.find(id)
  if (!session) return err({ reason: 'unknown', kind: 'session', id })
  if (!(await t.sessions.end(id, now))) return ok('unchanged')
  return ok({ type: 'session.ended', subjectId: session.subject_id, detail: { session: id } })
})
