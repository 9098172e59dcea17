import { parseForm } from '@permitry/oauth'
import { showAnswered } from '../authorize/answered.ts'
import { dispatch, stepUrl } from '../authorize/dispatch.ts'
import { stop } from '../authorize/stop.ts'
import { type Flow, resumeRequest, sentByLink, type SentStep } from '../authorize/stored-request.ts'
import { loginPage, type LoginView } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, errorResponse, page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { documentHost } from '../register/document/url.ts'
import { logIn, tellRefusal } from './log-in.ts'

/** `GET /login`: shows the form for the request that dispatch sent here. */
export async function loginForm(realm: Realm, c: Http): Promise<Response> {
  const sent = sentByLink(c)
  const resumed = await resumeRequest(realm, c, 'login', sent)
  if (!resumed.ok) return stop(realm, c, resumed.error, 'link')
  return resumed.value.answered ? showAnswered(realm, c, resumed.value) : showLogin(c, resumed.value, sent, {})
}

/** `POST /login`: checks the name and password, begins a session and returns to dispatch. */
export async function loginSubmit(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text())
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { request = '', proof = '', username = '', password = '' } = form.value.values
  const resumed = await resumeRequest(realm, c, 'login', { request, proof })
  if (!resumed.ok) return stop(realm, c, resumed.error, 'form')
  const flow = resumed.value
  if (flow.answered) return showAnswered(realm, c, flow)

  const attempt = { username, password, clientId: flow.facts.client?.id }
  const decision = await logIn(realm, c, attempt, flow.signedIn)
  if (!decision.signedIn) return showLogin(c, flow, { request, proof }, { username, error: tellRefusal(c, decision) })
  return dispatch(realm, c, { ...flow, signedIn: decision.signedIn }, 'form')
}

function showLogin(c: Http, flow: Flow, hidden: SentStep, extra: Pick<LoginView, 'username' | 'error'>): Response {
  const { client } = flow.facts
  const clientName = client?.name ?? ''
  const server = flow.facts.target?.ok ? flow.facts.target.value.server : undefined
  const hinted = flow.request.loginHint
  const view = {
    ...chrome(c),
    action: 'login',
    hidden,
    clientName,
    ...(client?.registration === 'cimd' ? { clientHost: documentHost(client.id) } : {}),
    ...(server ? { serverName: server.name } : {}),
    ...(hinted === undefined ? {} : { username: hinted }),
    ...extra,
  }
  return page(c, loginPage(view), typeof extra.error === 'object' ? 429 : 200)
}

/** Where a person goes who says "not you?": the login step of the same request. */
export function notYouUrl(realm: Realm, flow: Flow): string {
  return stepUrl(realm, flow, 'login')
}
