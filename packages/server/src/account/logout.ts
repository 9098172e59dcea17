import { createHmac } from 'node:crypto'
import { equalInConstantTime, parseForm } from '@permitry/oauth'
import { displayHost } from '../authorize/response.ts'
import { continuePage, signedOutPage, signOutConfirmPage } from '../html/index.ts'
import { clearCookie } from '../http/cookies.ts'
import { againByGet } from '../http/cross-site-post.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, errorResponse, page } from '../http/pages.ts'
import { auditSessionEnd } from '../login/audit.ts'
import { readSession, type SignedIn } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import { type LogoutRequest, readLogoutRequest, returnUrl } from './logout-request.ts'

/**
 * `GET|POST /logout` (OIDC RP-Initiated Logout §2): ends the person's session in this browser, and no grant or family.
 * Without a hint that belongs to the session the person is asked, since any page can send a browser here.
 */
export async function logoutEndpoint(realm: Realm, c: Http): Promise<Response> {
  const text = c.req.method === 'POST' ? await c.req.text() : new URL(c.req.url).search.slice(1)
  const form = parseForm(text)
  if (!form.ok || form.value.repeated.length > 0) return errorResponse(c, { cause: 'request_malformed' })
  const elsewhere = againByGet(c, `${realm.issuer}/logout`, text)
  if (elsewhere) return elsewhere

  const request = await readLogoutRequest(realm, form.value.values)
  const signedIn = await realm.read((t) => readSession(realm, c, t))
  if (signedIn && !belongsTo(request, signedIn)) return ask(realm, c, request, signedIn)
  if (signedIn) await endSession(realm, c, signedIn)
  const url = returnUrl(request)
  if (!request.hint || url === undefined) return showSignedOut(realm, c, request)
  c.header('Cache-Control', 'no-store')
  c.header('Referrer-Policy', 'no-referrer')
  return c.redirect(url, 303)
}

/** `POST /logout/confirm`: the person's answer to the question that `/logout` asked. */
export async function logoutConfirm(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text())
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { proof = '', ...values } = form.value.values
  const request = await readLogoutRequest(realm, values)
  const signedIn = await realm.read((t) => readSession(realm, c, t))
  // Somebody else has signed in meanwhile, in another tab: the question is put to them.
  if (signedIn && !equalInConstantTime(proofOf(realm, signedIn), proof)) return ask(realm, c, request, signedIn)
  if (signedIn) await endSession(realm, c, signedIn)
  const { client } = request
  const url = returnUrl(request)
  // A client that registered itself could take the person to a page that poses as ours: there they go by a link.
  if (!client || client.registration !== 'registered' || url === undefined) return showSignedOut(realm, c, request)
  return page(c, continuePage({ ...chrome(c), url, clientName: client.name, redirectHost: displayHost(new URL(url)) }))
}

/** §2: a hint of another session of the same person is suspect, because ID tokens live long and get around. */
function belongsTo({ hint }: LogoutRequest, { session, subject }: SignedIn): boolean {
  return hint?.subjectId === subject.id && hint.sessionId === session.id
}

function ask(realm: Realm, c: Http, { client, redirectUri, state }: LogoutRequest, signedIn: SignedIn): Response {
  const { id, name, username } = signedIn.subject
  const view = {
    ...chrome(c),
    action: `${realm.issuer}/logout/confirm`,
    hidden: {
      proof: proofOf(realm, signedIn),
      ...(client ? { client_id: client.id } : {}),
      ...(redirectUri === undefined ? {} : { post_logout_redirect_uri: redirectUri }),
      ...(state === undefined ? {} : { state }),
    },
    person: { name, username: username ?? id },
    ...(client ? { clientName: client.name } : {}),
  }
  return page(c, signOutConfirmPage(view))
}

/** Binds the question to the session that it was asked in. */
function proofOf(realm: Realm, { session }: SignedIn): string {
  const bound = JSON.stringify([realm.tenant, 'logout', session.id])
  return createHmac('sha256', realm.secrets.flow).update(bound).digest('base64url')
}

async function endSession(realm: Realm, c: Http, signedIn: SignedIn): Promise<void> {
  await realm.unit(async (t) => {
    if (await t.sessions.end(signedIn.session.id, realm.now())) await auditSessionEnd(t, signedIn, 'signed out')
  })
  clearCookie(realm, c, 'session')
}

function showSignedOut(realm: Realm, c: Http, request: LogoutRequest): Response {
  const url = returnUrl(request)
  const backTo = request.client && url !== undefined ? { backTo: { url, clientName: request.client.name } } : {}
  return page(c, signedOutPage({ ...chrome(c), ...backTo, accountUrl: `${realm.issuer}/account/agents` }))
}
