import { parseForm } from '@permitry/oauth'
import { clientFingerprint } from '../authorize/client-fingerprint.ts'
import { showAnswered } from '../authorize/answered.ts'
import { dispatch } from '../authorize/dispatch.ts'
import { issueCode } from '../authorize/issue.ts'
import { type Asked, nextStep } from '../authorize/next-step.ts'
import { authorizationResponse, returnTo } from '../authorize/response.ts'
import { type Flow, readAnew, resumeRequest, sentByLink, type SentStep } from '../authorize/stored-request.ts'
import { stop } from '../authorize/stop.ts'
import { consentPage } from '../html/index.ts'
import { catalogueOf } from '../catalogue/entries.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, errorResponse, page } from '../http/pages.ts'
import { newId } from '../keys/secrets.ts'
import type { SignedIn } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Grant } from '../store/repositories/grants.ts'
import { logoOf } from '../register/logo/logo.ts'
import { shownOf } from './shown.ts'
import { consentView } from './view.ts'

/** `GET /consent`: shows what is asked, or goes back to dispatch when that is not the next step any more. */
export async function consentForm(realm: Realm, c: Http): Promise<Response> {
  return withConsentStep(realm, c, sentByLink(c), 'link', (flow, signedIn, asked) =>
    showConsent(realm, c, flow, signedIn, asked),
  )
}

/** `POST /consent`: the person's answer. It counts once, and the grant, the family and the code are made in one unit. */
export async function consentSubmit(realm: Realm, c: Http): Promise<Response> {
  const form = parseForm(await c.req.text(), { repeatable: ['scope'] })
  if (!form.ok) return errorResponse(c, { cause: 'request_malformed' })
  const { request = '', proof = '', shown = '', decision } = form.value.values
  const ticked = form.value.lists['scope'] ?? []
  return withConsentStep(realm, c, { request, proof }, 'form', async (flow, signedIn, asked) => {
    // The person is asked again, with what is true now; a refusal needs no second look.
    if (decision === 'allow' && shown !== (await realm.read((t) => shownNow(t, asked))))
      return showConsent(realm, c, flow, signedIn, asked)
    const nothing = asked.target.server
      ? !asked.scopes.some((scope) => ticked.includes(scope))
      : asked.identityScopes.length === 0
    if (decision === 'allow' && nothing) return showConsent(realm, c, flow, signedIn, asked, 'nothing_selected')
    const answer = await (decision === 'allow' ? allow(realm, flow, ticked, shown) : deny(realm, flow, signedIn, asked))
    const to = returnTo(flow)
    if (!to) return errorResponse(c, { cause: 'client_unknown' })
    if (!answer) return dispatchAnew(realm, c, flow)
    return authorizationResponse(realm, c, to, answer, 'form')
  })
}

/** An answer that did not count: another one was first, or something changed in the last moment and is asked again. */
async function dispatchAnew(realm: Realm, c: Http, flow: Flow): Promise<Response> {
  const stored = await realm.read((t) => t.requests.find(flow.requestId))
  if (!stored || stored.answeredAt !== null) return showAnswered(realm, c, flow)
  return dispatch(realm, c, await realm.read((t) => readAnew(realm, t, flow)), 'form')
}

async function withConsentStep(
  realm: Realm,
  c: Http,
  sent: SentStep,
  arrival: 'link' | 'form',
  proceed: (flow: Flow, signedIn: SignedIn, asked: Asked) => Promise<Response> | Response,
): Promise<Response> {
  const resumed = await resumeRequest(realm, c, 'consent', sent)
  if (!resumed.ok) return stop(realm, c, resumed.error, arrival)
  const flow = resumed.value
  if (flow.answered) return showAnswered(realm, c, flow)
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
  const known = await realm.read(async (t) => ({
    catalogue: server ? await catalogueOf(t, server.id) : [],
    roleHints: server ? await roleHints(t, server.id, asked.withheld) : new Map<string, string>(),
    trustedNames: asked.client.registration === 'registered' ? [] : await t.clients.trustedNames(),
  }))
  const logo = await logoOf(realm, asked.client)
  return page(
    c,
    consentPage({
      ...chrome(c),
      ...consentView(realm, flow, signedIn, asked, { ...known, logo }),
      ...(error ? { error } : {}),
    }),
  )
}

/** The digest of what a page would show at this moment. */
async function shownNow(t: InTenant, asked: Asked): Promise<string> {
  const { server } = asked.target
  return shownOf(asked, server ? await catalogueOf(t, server.id) : [])
}

/** For each scope that the person's roles withhold, a role that holds it: whom to ask for what. */
async function roleHints(t: InTenant, serverId: string, scopes: readonly string[]): Promise<Map<string, string>> {
  const hints = new Map<string, string>()
  for (const scope of scopes) {
    const role = await t.servers.roleThatHolds(serverId, [scope])
    if (role !== undefined) hints.set(scope, role)
  }
  return hints
}

async function deny(realm: Realm, flow: Flow, signedIn: SignedIn, { client, target, scopes }: Asked) {
  return realm.unit(async (t) => {
    if (!(await t.requests.answer(flow.requestId, realm.now(), 'access_denied'))) return undefined
    await t.audit({
      type: 'consent.refused',
      outcome: 'refused',
      actor: { kind: 'subject', id: signedIn.subject.id },
      subjectId: signedIn.subject.id,
      clientId: client.id,
      serverId: target.server?.id,
      detail: { scopes },
    })
    return { error: 'access_denied', description: 'the person refused' } as const
  })
}

async function allow(
  realm: Realm,
  flow: Flow,
  ticked: readonly string[],
  shown: string,
): Promise<{ code: string } | undefined> {
  return realm.unit(async (t) => {
    const fresh = await readAnew(realm, t, flow)
    const next = await nextStep(t, fresh)
    if (next.step !== 'consent' || !fresh.signedIn || (await shownNow(t, next.asked)) !== shown) return undefined
    if (!(await t.requests.answer(flow.requestId, realm.now()))) return undefined
    const grant = await putGrant(realm, t, fresh.signedIn, next.asked, ticked)
    if (next.asked.client.registration !== 'registered') await t.clients.markConsented(grant.clientId, realm.now())
    const code = await issueCode(realm, t, fresh, fresh.signedIn, next.asked, grant)
    await t.audit({
      type: 'consent.granted',
      outcome: 'allowed',
      actor: { kind: 'subject', id: grant.subjectId },
      subjectId: grant.subjectId,
      clientId: grant.clientId,
      serverId: next.asked.target.server?.id,
      detail: {
        grant: grant.id,
        scopes: grant.scopes,
        identity_scopes: grant.identityScopes,
        withheld_by_role: next.asked.withheld,
        asked_because: next.reasons,
        redirect_uri: grant.redirectUri,
        catalogue_version: grant.catalogueVersion,
      },
    })
    return { code }
  })
}

async function putGrant(
  realm: Realm,
  t: InTenant,
  signedIn: SignedIn,
  asked: Asked,
  ticked: readonly string[],
): Promise<Grant> {
  const { client, target, redirectUri } = asked
  // A grant that was withdrawn meanwhile, or had scopes unticked, leaves only what it still has.
  const before = asked.grant && (await t.grants.holdLiving(asked.grant.id))
  const keptScopes = before?.scopes.filter((scope) => !asked.scopes.includes(scope)) ?? []
  const keptIdentity = before?.identityScopes.filter((scope) => !asked.identityScopes.includes(scope)) ?? []
  const version = target.server?.catalogueVersion ?? 0
  // Scopes that are not on this page were last seen when they were.
  const seenBefore = keptScopes.map(
    (scope) => [scope, before?.seenVersions[scope] ?? before?.catalogueVersion ?? 0] as const,
  )
  const identity = asked.identityScopes.filter(
    (scope) => scope === 'openid' || scope === 'offline_access' || ticked.includes(scope),
  )
  const grant: Grant = {
    id: newId('gnt'),
    subjectId: signedIn.subject.id,
    clientId: client.id,
    serverId: target.server?.id ?? '',
    scopes: [...keptScopes, ...asked.scopes.filter((scope) => ticked.includes(scope))],
    identityScopes: [...keptIdentity, ...identity],
    redirectUri,
    clientFingerprint: clientFingerprint(client),
    wording: JSON.stringify(target.server?.scopes.filter(({ name }) => asked.scopes.includes(name)) ?? []),
    catalogueVersion: version,
    seenVersions: Object.fromEntries(seenBefore),
  }
  const id = await t.grants.put(grant, realm.now())
  if (before?.scopes.some((scope) => !grant.scopes.includes(scope))) await revokeTokensOf(realm, t, id)
  return { ...grant, id }
}

/** A person who unticks a scope takes it away now, and not when the last token with it has run out. */
async function revokeTokensOf(realm: Realm, t: InTenant, grantId: string): Promise<void> {
  const families = await t.families.allLiving({ grantId }, realm.now())
  const revoked = families.map(({ id: familyId }) => ({ familyId, id: newId('rev') }))
  if (revoked.length > 0) await t.revocations.revokeEach(revoked, realm.now())
}
