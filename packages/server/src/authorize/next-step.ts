import { scopeClosure, unionScopes } from '@permitry/oauth'
import { divide, readAccess } from '../access/access.ts'
import type { Target } from '../access/target.ts'
import { isMore, newsOf, type ScopeNews } from '../catalogue/news.ts'
import type { SignedIn } from '../login/session.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { Server } from '../store/repositories/servers.ts'
import { firstFailure, redirectChecks, type RequestFailure } from './checks.ts'
import { clientFingerprint } from './client-fingerprint.ts'
import type { Flow } from './stored-request.ts'

/** What the person is asked for: the answer to "which scopes", before consent. */
export interface Asked {
  readonly client: Client
  readonly redirectUri: string
  readonly target: Target
  readonly grant: Grant | undefined
  /** requested ∩ client ∩ roles, and at a step-up everything that was granted before. */
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  readonly withheld: readonly string[]
  /** What has become different about scopes of the grant since the person allowed them. */
  readonly news: ReadonlyMap<string, ScopeNews>
}

export type NextStep =
  | { readonly step: 'login' }
  | { readonly step: 'consent'; readonly asked: Asked; readonly reasons: readonly string[] }
  | { readonly step: 'issue'; readonly asked: Asked }
  | Refusal

/** The request ends here; `roleMissing` is set when the person should hear about it before the client does. */
export interface Refusal {
  readonly step: 'refuse'
  readonly failure: RequestFailure
  readonly roleMissing?: { readonly serverName: string; readonly roleHint?: string }
}

/** Picks the next step of a request; the only place that does. Reads everything anew, so a changed role or grant counts at once. */
export async function nextStep(t: InTenant, flow: Flow): Promise<NextStep> {
  const { client, redirectUri, target } = flow.facts
  if (!client || redirectUri === undefined) {
    return refuse('invalid_request', 'the application was changed meanwhile: start again')
  }
  const silent = flow.request.prompts.includes('none')
  const { signedIn } = flow
  if (!signedIn || loginReasons(flow, signedIn).length > 0) {
    return silent ? refuse('login_required', 'the person must sign in') : { step: 'login' }
  }
  const { hint } = flow.facts
  if (hint && hint.subjectId !== signedIn.subject.id) {
    return refuse('login_required', 'another person signed in than the one of id_token_hint')
  }
  const failure = firstFailure(redirectChecks, flow.facts)
  if (failure !== undefined) return { step: 'refuse', failure }
  if (!target?.ok) throw new Error('a request without target passed the checks')
  const asked = await whatIsAsked(t, client, redirectUri, target.value, signedIn, silent)
  if (flow.standing === 'stale' && !asked.grant)
    return refuse('temporarily_unavailable', 'the metadata document of this client cannot be fetched: try again later')
  const { server } = asked.target
  if (server && asked.scopes.length === 0) {
    const refusal = refuse('access_denied', 'no role of this person holds the requested scopes')
    if (silent) return refusal
    const role = await t.servers.roleThatHolds(server.id, asked.target.scopes)
    return { ...refusal, roleMissing: { serverName: server.name, ...(role === undefined ? {} : { roleHint: role }) } }
  }
  const reasons = consentReasons(flow, asked)
  if (reasons.length === 0) return { step: 'issue', asked }
  return silent ? refuse('consent_required', 'the person must consent') : { step: 'consent', asked, reasons }
}

/**
 * Why a living session is not enough (OIDC Core §3.1.2.1). A login that happened after the request began satisfies them: by
 * the clock, and as a session that the browser did not begin with, because a clock may have gone back.
 */
function loginReasons(flow: Flow, { session, subject }: SignedIn): readonly string[] {
  const { request, facts, createdAt, readAt, begunInSession } = flow
  if (session.auth_time >= createdAt && session.id !== begunInSession) return []
  const age = (readAt - session.auth_time) / 1000
  const reasons: [string, boolean][] = [
    ['prompt', request.prompts.includes('login') || request.prompts.includes('select_account')],
    ['id_token_hint', facts.hint !== undefined && facts.hint.subjectId !== subject.id],
    ['max_age', request.maxAge !== undefined && (age < 0 || age > Number(request.maxAge))],
  ]
  return reasons.flatMap(([reason, applies]) => (applies ? [reason] : []))
}

async function whatIsAsked(
  t: InTenant,
  client: Client,
  redirectUri: string,
  target: Target,
  { subject }: SignedIn,
  silent: boolean,
): Promise<Asked> {
  const grant = await t.grants.findLiving(subject.id, client.id, target.server?.id ?? '')
  const base = { client, redirectUri, target, grant, identityScopes: target.identityScopes }
  if (!target.server) return { ...base, scopes: [], withheld: [], news: new Map() }
  const access = await readAccess(t, subject.id, client.id, target.server)
  // Step-up (MCP authorization, scope union): a request that names a scope outside the grant is answered with both.
  const beyondGrant = target.scopes.some((scope) => !grant?.scopes.includes(scope))
  const wanted = grant && beyondGrant && !silent ? unionScopes(grant.scopes, target.scopes) : target.scopes
  const { granted, withheld } = divide(wanted, access)
  return { ...base, scopes: granted, withheld, news: await newsSince(t, target.server, grant) }
}

/** By scope of the grant, what has become different since that scope was shown. */
async function newsSince(
  t: InTenant,
  server: Server,
  grant: Grant | undefined,
): Promise<ReadonlyMap<string, ScopeNews>> {
  if (!grant) return new Map()
  const seenIn = (scope: string) => grant.seenVersions[scope] ?? grant.catalogueVersion
  const oldest = Math.min(...grant.scopes.map(seenIn))
  if (!(oldest < server.catalogueVersion)) return new Map()
  const changes = await t.catalogue.changesSince(server.id, oldest)
  return new Map(
    grant.scopes.flatMap((scope) => {
      // What a scope carries along is news of it, unless it was allowed by its own name.
      const carried = scopeClosure([scope], server.hierarchy).filter((other) => !grant.scopes.includes(other))
      const news = newsOf([scope, ...carried], changes, seenIn(scope))
      return news ? [[scope, news] as const] : []
    }),
  )
}

/**
 * Why the person is asked, each reason by name. Consent is remembered only for a client that proves itself at the token
 * endpoint and that an operator vouches for: anybody can pose as one that does not (MCP security considerations, localhost
 * redirect URI risks), and of the others nobody knows what they turn into (ADR 0007).
 */
function consentReasons(
  flow: Flow,
  { client, redirectUri, grant, scopes, identityScopes, news }: Asked,
): readonly string[] {
  const reasons: [string, boolean][] = [
    ['prompt', flow.request.prompts.includes('consent')],
    ['client does not authenticate', !isConfidential(client)],
    ['nobody registered the client', client.registration !== 'registered'],
    ['native client', client.applicationType === 'native'],
    ['no grant', grant === undefined],
    ['scopes not granted', scopes.some((scope) => !grant?.scopes.includes(scope))],
    ['identity scopes not granted', identityScopes.some((scope) => !grant?.identityScopes.includes(scope))],
    ['redirect URI changed', grant !== undefined && grant.redirectUri !== redirectUri],
    ['client changed', grant !== undefined && grant.clientFingerprint !== clientFingerprint(client)],
    // Only what concerns this request, and only when it became more: people who are asked for nothing learn to press Allow.
    ['tools changed', scopes.some((scope) => isMoreNow(news.get(scope)))],
  ]
  return reasons.flatMap(([reason, applies]) => (applies ? [reason] : []))
}

function isMoreNow(news: ScopeNews | undefined): boolean {
  return news !== undefined && isMore(news)
}

function refuse(error: RequestFailure['error'], description: string): Refusal {
  return { step: 'refuse', failure: { error, description } }
}
