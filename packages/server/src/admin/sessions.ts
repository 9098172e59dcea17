import { ok } from '@permitry/oauth'
import { endSession } from '../commands/session.ts'
import { act } from './change.ts'
import type { HandlersOf } from './handler.ts'
import { named } from './named.ts'

export const sessions: HandlersOf<'sessions'> = {
  async 'sessions.list'({ realm, query: { person: subjectId }, page }) {
    return ok(
      await realm.read(async ({ sessionList, labels }) => {
        const { items, next } = await sessionList.page({ subjectId, ...page }, realm.now())
        const subjects = await labels.subjects(items.map((session) => session.subjectId))
        return {
          items: items.map((session) => ({
            id: session.id,
            person: named(subjects, session.subjectId),
            auth_time: session.authTime,
            acr: session.acr,
            amr: [...session.amr],
            idle_expires_at: session.idleExpiresAt,
            absolute_expires_at: session.absoluteExpiresAt,
          })),
          next,
        }
      }),
    )
  },

  'sessions.end': (request) => act(request, endSession, request.params, { kind: 'session', id: request.params.id }),
}
