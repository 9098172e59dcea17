import { changeOwnName } from '../../commands/own.ts'
import { profilePage, type ProfileView } from '../../html/index.ts'
import { page } from '../../http/pages.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView, runOwn, tellOutcome, type Visit } from './visit.ts'

const LONGEST_NAME = 100

/** `GET /account/profile`: who the person is here. */
export const profileForm = accountPlace('profile', (visit) => showProfile(visit))

/**
 * `POST /account/profile`: another name. Applications believe an email address and tell people apart by user names, so these
 * stay with the administrator until there is a way to prove an address.
 */
export const profileSubmit = accountForm('profile', async (visit, { typed }) => {
  const name = (typed['name'] ?? '').normalize('NFC').replaceAll(/\s+/g, ' ').trim()
  if (!/[\p{L}\p{N}]/u.test(name)) return showProfile(visit, 'name_empty')
  if (Array.from(name).length > LONGEST_NAME) return showProfile(visit, 'name_too_long')
  const done = await runOwn(visit, changeOwnName, { name })
  if (!done.ok && done.error.reason === 'invalid') return showProfile(visit)
  return tellOutcome(visit, 'profile', done, 'name changed')
})

async function showProfile(visit: Visit, error?: ProfileView['error']): Promise<Response> {
  const { realm, c, signedIn } = visit
  const { id, email } = signedIn.subject
  const known = await realm.read(async (t) => {
    const names = new Map((await t.roles.all()).map((role) => [role.id, role.name]))
    return {
      roles: (await t.subjects.roles(id)).map((role) => names.get(role) ?? role),
      isDeclared: await t.declarations.has({ kind: 'user', id }),
    }
  })
  const form = { action: placeUrl(realm, 'profile'), hidden: seal(realm, signedIn, 'profile', { act: 'name' }) }
  return page(
    c,
    profilePage({
      ...accountView(visit),
      email: email ?? undefined,
      roles: known.roles,
      ...(known.isDeclared ? {} : { form }),
      ...(error ? { error } : {}),
    }),
  )
}
