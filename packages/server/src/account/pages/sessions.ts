import { endOwnOtherSessions, endOwnSession } from '../../commands/own.ts'
import { type SessionView, sessionsPage } from '../../html/index.ts'
import { page } from '../../http/pages.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView, runOwn, tellOutcome, type Visit } from './visit.ts'

/** `GET /account/sessions`: where the person is signed in. */
export const sessionsForm = accountPlace('sessions', async (visit) => {
  const { realm, c, signedIn } = visit
  const sessions = await realm.read((t) => sessionViews(visit, t))
  const action = placeUrl(realm, 'sessions')
  const endOthers = { action, hidden: seal(realm, signedIn, 'sessions', { act: 'end others' }) }
  return page(c, sessionsPage({ ...accountView(visit), sessions, endOthers }))
})

/** `POST /account/sessions`: ends one session, or all but this one. */
export const sessionsSubmit = accountForm('sessions', async (visit, { act, of: id }) => {
  if (act === 'end others')
    return tellOutcome(visit, 'sessions', await runOwn(visit, endOwnOtherSessions, {}), 'other sessions ended')
  return tellOutcome(visit, 'sessions', await runOwn(visit, endOwnSession, { id }), 'session ended')
})

async function sessionViews({ realm, signedIn }: Visit, t: InTenant): Promise<SessionView[]> {
  const now = realm.now()
  const views: SessionView[] = []
  for (const session of await t.sessions.allLiving(signedIn.subject.id, now)) {
    const families = await t.families.allLiving({ sessionId: session.id }, now)
    const clientIds = [...new Set(families.map(({ clientId }) => clientId))]
    const clients = await Promise.all(clientIds.map((id) => t.clients.find(id)))
    views.push({
      isThis: session.id === signedIn.session.id,
      signedInAt: session.auth_time,
      endsAt: Math.min(session.idle_expires_at, session.absolute_expires_at),
      clientNames: clients.flatMap((client) => (client ? [client.name] : [])),
      end: {
        action: placeUrl(realm, 'sessions'),
        hidden: seal(realm, signedIn, 'sessions', { act: 'end', of: session.id }),
      },
    })
  }
  return views.toSorted((a, b) => Number(b.isThis) - Number(a.isThis))
}
