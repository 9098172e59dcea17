import { parseForm } from '@permitry/oauth'
import { clientFingerprint } from '../authorize/client-fingerprint.ts'
import { dispatch, returnTo } from '../authorize/dispatch.ts'
import { issueCode } from '../authorize/issue.ts'
import { type Asked, nextStep } from '../authorize/next-step.ts'
import { authorizationResponse } from '../authorize/response.ts'
import { type Flow, resumeRequest } from '../authorize/stored-request.ts'
import { answeredPage, consentPage } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { errorResponse, page } from '../http/pages.ts'
import { newId } from '../keys/secrets.ts'
import type { SignedIn } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Grant } from '../store/repositories/grants.ts'
import { consentView } from './view.ts'

type Sent = { request: string; proof: string }

/** `GET /consent`: shows what is asked, or goes back to dispatch when that is not the next step any more. */
export async function consentForm(realm: Realm, c: Http): Promise<Response> {
  const sent = { request: c.req.query('request') ?? '', proof: c.req.query('proof') ?? '' }
  return withConsentStep(realm, c, sent, 'link', (flow, signedIn, asked) =>
    showConsent(realm, c, flow, signedIn, asked),
  )
}

/** `POST /consent`: the person's answer. It counts once, and the grant, the family and the code are made in one unit. */
export async function consentSubmit(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text(), { repeatable: ['scope'] })
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { request = '', proof = '', decision } = form.value.values
  const ticked = form.value.lists['scope'] ?? []
  return withConsentStep(realm, c, { request, proof }, 'form', async (flow, signedIn, asked) => {
    const accepted = asked.scopes.filter((scope) => ticked.includes(scope))
    const nothing = asked.target.server ? accepted.length === 0 : asked.identityScopes.length === 0
    if (decision === 'allow' && nothing) return showConsent(realm, c, flow, signedIn, asked, 'nothing_selected')
    const answer = decision === 'allow' ? await allow(realm, flow, signedIn, accepted, ticked) : await deny(realm, flow)
    const to = returnTo(flow)
    if (!to) return errorResponse(c, { cause: 'client_unknown' })
    if (!answer) return page(c, answeredPage({ clientName: to.clientName }))
    return authorizationResponse(realm, c, to, answer, 'form')
  })
}

async function withConsentStep(
  realm: Realm,
  c: Http,
  sent: Sent,
  arrival: 'link' | 'form',
  proceed: (flow: Flow, signedIn: SignedIn, asked: Asked) => Promise<Response> | Response,
): Promise<Response> {
  const flow = await resumeRequest(realm, c, 'consent', sent)
  if (typeof flow === 'string') return errorResponse(c, { cause: flow })
  if (flow.answered) return page(c, answeredPage({ clientName: flow.facts.client?.name ?? '' }))
  const next = await realm.read((t) => nextStep(t, flow))
  if (next.step !== 'consent' || !flow.signedIn) return dispatch(realm, c, flow, arrival)
  return proceed(flow, flow.signedIn, next.asked)
}

async function showConsent(
  realm: Realm,
  c: Http,
  flow: Flow,
  signedIn: SignedIn,
  asked: Asked,
  error?: 'nothing_selected',
): Promise<Response> {
  const { server } = asked.target
  const tools = server ? await realm.read((t) => t.servers.tools(server.id)) : []
  return page(c, consentPage({ ...consentView(realm, flow, signedIn, asked, tools), ...(error ? { error } : {}) }))
}

async function deny(realm: Realm, flow: Flow) {
  const answered = await realm.unit((t) => t.requests.answer(flow.requestId, realm.now()))
  return answered ? ({ error: 'access_denied', description: 'the person refused' } as const) : undefined
}

async function allow(
  realm: Realm,
  flow: Flow,
  signedIn: SignedIn,
  accepted: readonly string[],
  ticked: readonly string[],
): Promise<{ code: string } | undefined> {
  return realm.unit(async (t) => {
    // Roles and the client's authorization are read again in the unit: a scope that was lost while the page was open is not granted.
    const next = await nextStep(t, flow)
    if (next.step !== 'consent') return undefined
    if (!(await t.requests.answer(flow.requestId, realm.now()))) return undefined
    const grant = await putGrant(realm, t, signedIn, next.asked, accepted, ticked)
    return { code: await issueCode(realm, t, flow, signedIn, next.asked, grant) }
  })
}

async function putGrant(
  realm: Realm,
  t: InTenant,
  signedIn: SignedIn,
  asked: Asked,
  accepted: readonly string[],
  ticked: readonly string[],
): Promise<Grant> {
  const { client, target, redirectUri } = asked
  const keptScopes = asked.grant?.scopes.filter((scope) => !asked.scopes.includes(scope)) ?? []
  const keptIdentity = asked.grant?.identityScopes.filter((scope) => !asked.identityScopes.includes(scope)) ?? []
  const identity = asked.identityScopes.filter(
    (scope) => scope === 'openid' || scope === 'offline_access' || ticked.includes(scope),
  )
  const grant: Grant = {
    id: asked.grant?.id ?? newId('gnt'),
    subjectId: signedIn.subject.id,
    clientId: client.id,
    serverId: target.server?.id ?? '',
    scopes: [...keptScopes, ...asked.scopes.filter((scope) => accepted.includes(scope))],
    identityScopes: [...keptIdentity, ...identity],
    redirectUri,
    clientFingerprint: clientFingerprint(client),
    wording: JSON.stringify(target.server?.scopes.filter(({ name }) => asked.scopes.includes(name)) ?? []),
    catalogueVersion: target.server?.catalogueVersion ?? 0,
  }
  await t.grants.put(grant, realm.now())
  return grant
}
