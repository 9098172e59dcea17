import { overviewPage } from '../../html/index.ts'
import { page } from '../../http/pages.ts'
import { callViews } from './calls.ts'
import { connectedAgents } from './connected.ts'
import { accountPlace, accountView } from './visit.ts'

const CALLS_SHOWN = 4

/** `GET /account`: what acts in the person's name and what it did last. */
export const overview = accountPlace('overview', async (visit) => {
  const { realm, c, signedIn } = visit
  const { id } = signedIn.subject
  const known = await realm.read(async (t) => ({
    agents: await connectedAgents(realm, t, signedIn),
    calls: await callViews(t, await t.decisions.list({ subjectId: id, most: CALLS_SHOWN })),
    sessionCount: (await t.sessions.allLiving(id, realm.now())).length,
  }))
  return page(c, overviewPage({ ...accountView(visit), ...known }))
})
