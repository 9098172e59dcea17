import { eraseOneself } from '../../commands/own.ts'
import { deletedPage, deletePage, type DeleteView } from '../../html/index.ts'
import { clearCookie } from '../../http/cookies.ts'
import { chrome, page } from '../../http/pages.ts'
import { confirmPassword, tellRefusal } from '../../login/log-in.ts'
import { usernameKey } from '../../store/repositories/subjects.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView, runOwn, type Visit } from './visit.ts'

/** `GET /account/delete`, after a fresh login. */
export const deleteForm = accountPlace('delete', (visit) => showDelete(visit))

/** `POST /account/delete`: erases the person, who has typed user name and password. */
export const deleteSubmit = accountForm('delete', async (visit, { typed }) => {
  const { realm, c, signedIn } = visit
  const { username } = signedIn.subject
  const { username: written = '', current = '' } = typed
  if (username === null || usernameKey(written) !== usernameKey(username)) return showDelete(visit, 'name_wrong')
  const confirmed = await confirmPassword(realm, c, signedIn, current)
  if (confirmed !== 'confirmed') return showDelete(visit, tellRefusal(c, confirmed))
  const done = await runOwn(visit, eraseOneself, {})
  // What was erased or signed out meanwhile is gone either way; every other failure is a rule that keeps the person here.
  if (!done.ok && done.error.reason !== 'unknown') return showDelete(visit, 'refused')
  clearCookie(realm, c, 'session')
  clearCookie(realm, c, 'device')
  return page(c, deletedPage(chrome(c)))
})

async function showDelete(visit: Visit, error?: DeleteView['error']): Promise<Response> {
  const { realm, c, signedIn } = visit
  const ownAgents = (await realm.read((t) => t.agents.ownedBy(signedIn.subject.id))).length
  const form = { action: placeUrl(realm, 'delete'), hidden: seal(realm, signedIn, 'delete', { act: 'erase' }) }
  const view = { ...accountView(visit), form, ownAgents, ...(error === undefined ? {} : { error }) }
  return page(c, deletePage(view), typeof error === 'object' ? 429 : 200)
}
