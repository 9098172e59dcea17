import { changeOwnPassword } from '../../commands/own.ts'
import { passwordPage, type PasswordView } from '../../html/index.ts'
import { page } from '../../http/pages.ts'
import { BUSY } from '../../login/attempt.ts'
import { confirmPassword, tellRefusal } from '../../login/log-in.ts'
import { checkPasswordRules, hashPasswordUnlessBusy, MAX_PASSWORD_LENGTH } from '../../login/password.ts'
import { placeUrl } from './places.ts'
import { seal } from './proof.ts'
import { accountForm, accountPlace, accountView, runOwn, tellOutcome, type Visit } from './visit.ts'

/** `GET /account/password`, after a fresh login. */
export const passwordForm = accountPlace('password', (visit) => showPassword(visit))

/** `POST /account/password`: the present password is asked for as well, since a fresh login may have been left open. */
export const passwordSubmit = accountForm('password', async (visit, { typed }) => {
  const { current = '', password = '', again = '' } = typed
  // Nothing is hashed for what cannot be taken.
  if (checkPasswordRules(password) !== undefined)
    return showPassword(visit, password.length > MAX_PASSWORD_LENGTH ? 'long' : 'short')
  if (password !== again) return showPassword(visit, 'differ')
  const confirmed = await confirmPassword(visit.realm, visit.c, visit.signedIn, current)
  if (confirmed !== 'confirmed') return showPassword(visit, tellRefusal(visit.c, confirmed))
  const passwordHash = await hashPasswordUnlessBusy(password)
  if (passwordHash === undefined) return showPassword(visit, tellRefusal(visit.c, BUSY))
  return tellOutcome(visit, 'profile', await runOwn(visit, changeOwnPassword, { passwordHash }), 'password changed')
})

function showPassword(visit: Visit, error?: PasswordView['error']): Response {
  const { realm, c, signedIn } = visit
  const form = { action: placeUrl(realm, 'password'), hidden: seal(realm, signedIn, 'password', { act: 'change' }) }
  const view = { ...accountView(visit), form, ...(error === undefined ? {} : { error }) }
  return page(c, passwordPage(view), typeof error === 'object' ? 429 : 200)
}
