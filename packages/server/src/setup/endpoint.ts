import { type Form, parseForm } from '@permitry/oauth'
import { hasOwner } from '../commands/power.ts'
import { makeFirstOwner } from '../commands/setup.ts'
import { runCommand } from '../commands/run.ts'
import { setupDonePage, setupPage, type SetupView } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, errorResponse, page } from '../http/pages.ts'
import { sha256 } from '../keys/secrets.ts'
import { checkPasswordRules, hashPasswordUnlessBusy } from '../login/password.ts'
import type { Realm } from '../realm.ts'

const MOST_LETTERS = 200

/** `GET /setup`: the form of a living setup link. Looking at it spends nothing, since mail programs and chats look too. */
export async function setupForm(realm: Realm, c: Http): Promise<Response> {
  const token = c.req.query('token') ?? ''
  return (await isLiving(realm, token)) ? show(realm, c, { token }) : errorResponse(c, { cause: 'setup_over' })
}

/** `POST /setup`: makes the owner. */
export async function setupSubmit(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text())
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { token, username, name, password, again } = read(form.value)
  // Nothing is hashed for whoever has no link.
  if (!(await isLiving(realm, token))) return errorResponse(c, { cause: 'setup_over' })
  const typed = { token, username, name }
  if (username === '' || name === '' || username.length > MOST_LETTERS || name.length > MOST_LETTERS)
    return show(realm, c, { ...typed, error: 'names' })
  if (checkPasswordRules(password) !== undefined) return show(realm, c, { ...typed, error: 'password' })
  if (password !== again) return show(realm, c, { ...typed, error: 'differ' })
  const passwordHash = await hashPasswordUnlessBusy(password)
  if (passwordHash === undefined) return show(realm, c, { ...typed, error: 'busy' })
  const operator = realm.operatorFor({ kind: 'system', id: 'setup' })
  const done = await runCommand(operator, makeFirstOwner, { token, username, name, passwordHash })
  if (done.ok) return page(c, setupDonePage({ ...chrome(c), username, nextUrl: `${realm.issuer}/account` }))
  if (done.error.reason === 'taken') return show(realm, c, { ...typed, error: 'taken' })
  return errorResponse(c, { cause: 'setup_over' })
}

function read({ values }: Form) {
  const { token = '', username = '', name = '', password = '', again = '' } = values
  return { token, username: username.trim(), name: name.trim(), password, again }
}

function isLiving(realm: Realm, token: string): Promise<boolean> {
  return realm.read(async (t) => (await t.setupLinks.isLiving(sha256(token), realm.now())) && !(await hasOwner(t)))
}

function show(
  realm: Realm,
  c: Http,
  { token, ...typed }: { readonly token: string } & Pick<SetupView, 'username' | 'name' | 'error'>,
): Response {
  return page(c, setupPage({ ...chrome(c), action: `${realm.issuer}/setup`, hidden: { token }, ...typed }))
}
