import { equalInConstantTime, parseForm } from '@permitry/oauth'
import { loginPage, type LoginView, type Place } from '../../html/index.ts'
import { readCookie, rememberBrowser } from '../../http/cookies.ts'
import type { Http } from '../../http/endpoint.ts'
import { ownForm } from '../../http/own-form.ts'
import { chrome, errorResponse, page } from '../../http/pages.ts'
import { sha256 } from '../../keys/secrets.ts'
import { logIn, tellRefusal } from '../../login/log-in.ts'
import { readSession, type SignedIn } from '../../login/session.ts'
import type { Realm } from '../../realm.ts'
import { isFreshEnough, placeOf, placeUrl, signInUrl } from './places.ts'
import { loginProof } from './proof.ts'

/**
 * `GET /account/sign-in`: the login form for a visit of the account. No client asked for it, so there is no authorization
 * request and nothing is stored: the form carries the name of the page that it leads to, bound to this browser.
 */
export async function signInForm(realm: Realm, c: Http): Promise<Response> {
  const place = placeOf(c.req.query('to') ?? '')
  const before = await realm.read((t) => readSession(realm, c, t))
  if (before && isFreshEnough(realm, place, before)) return c.redirect(placeUrl(realm, place), 303)
  return showSignIn(realm, c, place, before, {})
}

/** `POST /account/sign-in`: checks the name and password, begins a session and goes on to the page. */
export const signInSubmit = ownForm(async (realm, c) => {
  const form = parseForm(await c.req.text())
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { to = '', proof = '', username = '', password = '' } = form.value.values
  const place = placeOf(to)
  const before = await realm.read((t) => readSession(realm, c, t))
  const browser = readCookie(realm, c, 'browser') ?? ''
  if (!equalInConstantTime(loginProof(realm, place, sha256(browser), before), proof))
    return errorResponse(c, { cause: 'form_refused', goOnUrl: signInUrl(realm, place) })
  const decision = await logIn(realm, c, { username, password, clientId: undefined }, before)
  if (!decision.signedIn) return showSignIn(realm, c, place, before, { username, error: tellRefusal(c, decision) })
  return c.redirect(placeUrl(realm, place), 303)
})

function showSignIn(
  realm: Realm,
  c: Http,
  place: Place,
  before: SignedIn | undefined,
  extra: Pick<LoginView, 'username' | 'error'>,
): Response {
  const proof = loginProof(realm, place, sha256(rememberBrowser(realm, c)), before)
  const known = before?.subject.username
  const view = {
    ...chrome(c),
    action: `${realm.issuer}/account/sign-in`,
    hidden: { to: place, proof },
    again: before !== undefined,
    ...(known ? { username: known } : {}),
    ...extra,
  }
  return page(c, loginPage(view), typeof extra.error === 'object' ? 429 : 200)
}
