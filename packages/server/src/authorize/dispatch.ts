import type { Http } from '../http/endpoint.ts'
import { errorResponse } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { showAnswered } from './answered.ts'
import { auditRefusal } from './audit.ts'
import { type FlowStep, proofOf } from './flow-step.ts'
import { issueCode } from './issue.ts'
import { nextStep, type Refusal } from './next-step.ts'
import { type Arrival, authorizationResponse, responseUrl, returnTo } from './response.ts'
import { type Flow, readAnew } from './stored-request.ts'

/** Sends the person to the next step of their request, or back to the client when nothing is left to ask. */
export async function dispatch(realm: Realm, c: Http, flow: Flow, arrival: Arrival): Promise<Response> {
  const next = await realm.read((t) => nextStep(t, flow))
  switch (next.step) {
    case 'login':
    case 'consent':
      return c.redirect(stepUrl(realm, flow, next.step), 303)
    case 'refuse':
      return refuse(realm, c, flow, next, arrival)
    case 'issue':
      return issue(realm, c, flow, arrival)
  }
}

/** The address of a step; its proof binds it to this request, browser and session. */
export function stepUrl(realm: Realm, flow: Flow, step: FlowStep): string {
  const binding = { requestId: flow.requestId, browserHash: flow.browserHash, sessionId: flow.signedIn?.session.id }
  const query = new URLSearchParams({ request: flow.requestId, proof: proofOf(realm, step, binding) })
  return `${realm.issuer}/${step}?${query.toString()}`
}

async function issue(realm: Realm, c: Http, flow: Flow, arrival: Arrival): Promise<Response> {
  const to = returnTo(flow)
  const code = await realm.unit(async (t) => {
    const fresh = await readAnew(realm, t, flow)
    const next = await nextStep(t, fresh)
    if (next.step !== 'issue' || !next.asked.grant || !fresh.signedIn) return undefined
    if (!(await t.requests.answer(flow.requestId, realm.now()))) return undefined
    return issueCode(realm, t, fresh, fresh.signedIn, next.asked, next.asked.grant)
  })
  if (!to) return errorResponse(c, { cause: 'request_expired' })
  if (code === undefined) return showAnswered(realm, c, flow)
  return authorizationResponse(realm, c, to, { code }, arrival)
}

async function refuse(realm: Realm, c: Http, flow: Flow, refusal: Refusal, arrival: Arrival): Promise<Response> {
  const to = returnTo(flow)
  if (!to) return errorResponse(c, { cause: 'client_unknown' })
  const answered = await realm.unit(async (t) => {
    const isFirst = await t.requests.answer(flow.requestId, realm.now(), refusal.failure.error)
    if (isFirst) await auditRefusal(t, flow.facts, refusal.failure, flow.signedIn?.subject.id)
    return isFirst
  })
  if (!answered) return showAnswered(realm, c, flow)
  if (!refusal.roleMissing) return authorizationResponse(realm, c, to, refusal.failure, arrival)
  // The person learns which role is missing before the client learns that access was denied.
  const backTo = { url: responseUrl(realm, to, refusal.failure), clientName: to.clientName }
  const cause = { cause: 'role_missing', ...refusal.roleMissing, signOutUrl: `${realm.issuer}/logout` } as const
  return errorResponse(c, cause, { requestId: flow.requestId, backTo })
}
