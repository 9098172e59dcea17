import { parseForm } from '@permitry/oauth'
import { dispatch, stepUrl } from '../authorize/dispatch.ts'
import { type Flow, resumeRequest } from '../authorize/stored-request.ts'
import { answeredPage, loginPage, type LoginView } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { errorResponse, page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { verifyPassword } from './password.ts'
import { beginSession, rememberSession } from './session.ts'

/** `GET /login`: shows the form for the request that dispatch sent here. */
export async function loginForm(realm: Realm, c: Http): Promise<Response> {
  const sent = { request: c.req.query('request') ?? '', proof: c.req.query('proof') ?? '' }
  const flow = await resumeRequest(realm, c, 'login', sent)
  if (typeof flow === 'string') return errorResponse(c, { cause: flow })
  return showLogin(c, flow, sent, {})
}

/** `POST /login`: checks the name and password, begins a session and returns to dispatch. */
export async function loginSubmit(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text())
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { request = '', proof = '', username = '', password = '' } = form.value.values
  const flow = await resumeRequest(realm, c, 'login', { request, proof })
  if (typeof flow === 'string') return errorResponse(c, { cause: flow })

  const subject = await realm.read((t) => t.subjects.findByUsername(username))
  const active = subject?.status === 'active' ? subject : undefined
  const check = await verifyPassword(password, active?.password_hash ?? null)
  if (check !== 'match' || !active) {
    return showLogin(
      c,
      flow,
      { request, proof },
      { username, error: check === 'busy' ? { throttledSeconds: 5 } : 'invalid_credentials' },
    )
  }
  const { session, secret } = await realm.unit((t) => beginSession(realm, t, active, flow.signedIn))
  rememberSession(realm, c, secret)
  return dispatch(realm, c, { ...flow, signedIn: { session, subject: active } }, 'form')
}

function showLogin(
  c: Http,
  flow: Flow,
  hidden: { request: string; proof: string },
  extra: Pick<LoginView, 'username' | 'error'>,
): Response {
  const clientName = flow.facts.client?.name ?? ''
  if (flow.answered) return page(c, answeredPage({ clientName }))
  const server = flow.facts.target?.ok ? flow.facts.target.value.server : undefined
  const hinted = flow.request.loginHint
  return page(
    c,
    loginPage({
      action: 'login',
      hidden,
      clientName,
      ...(server ? { serverName: server.name } : {}),
      ...(hinted === undefined ? {} : { username: hinted }),
      ...extra,
    }),
  )
}

/** Where a person goes who says "not you?": the login step of the same request. */
export function notYouUrl(realm: Realm, flow: Flow): string {
  return stepUrl(realm, flow, 'login')
}
