import { err, ok, parseForm, type Result } from '@permitry/oauth'
import type { IdTokenHint } from '../account/id-token-hint.ts'
import { type AddressLimit, isWithinLimit } from '../http/address-limit.ts'
import { readCookie, rememberBrowser } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import { newId, sha256 } from '../keys/secrets.ts'
import { readSession, type SignedIn, touchSession } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import type { Standing } from '../register/document/standing.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { readFacts, type Facts } from './facts.ts'
import { isProofOf, type FlowStep } from './flow-step.ts'
import type { AuthorizationRequest } from './request.ts'

const LIFETIME_MS = 10 * 60_000

/** An office may sit behind an address, and clients ask with prompt=none in the background; a stranger fills no disk with this. */
export const REQUESTS_OF_AN_ADDRESS: AddressLimit = {
  what: 'authorization requests',
  most: 1_000,
  windowMs: LIFETIME_MS,
}

/** An authorization request under way, with everything that decides its next step read anew. */
export interface Flow {
  readonly requestId: string
  readonly browserHash: string
  readonly createdAt: number
  /** When this was read: how old a login is, is asked at every step. */
  readonly readAt: number
  /** The session that the browser had when the request began; a login since then has another id. */
  readonly begunInSession: string | undefined
  readonly answered: boolean
  readonly request: AuthorizationRequest
  readonly facts: Facts
  readonly signedIn: SignedIn | undefined
  /** How the client's row stood to its metadata document when the request arrived. */
  readonly standing: Standing
}

/** Why a request cannot go on at a step; `flow` is there when it was begun in this browser. */
export interface Stop {
  readonly cause: 'request_expired' | 'other_browser' | 'form_refused'
  readonly flow?: Flow
}

/** What the row of a request remembers: the request as it was sent, and what was found out about it on the way in. */
interface StoredParameters {
  readonly request: AuthorizationRequest
  readonly hint?: IdTokenHint | undefined
  readonly standing: Standing
  readonly begunInSession?: string | undefined
}

/**
 * Stores a checked request for ten minutes, bound to the browser by a cookie of which only the hash is kept. Undefined when
 * this address has stored too many.
 */
export async function storeRequest(
  realm: Realm,
  c: Http,
  facts: Facts,
  clientId: string,
  standing: Standing,
): Promise<Flow | undefined> {
  const browser = rememberBrowser(realm, c)
  const now = realm.now()
  const { request, hint } = facts
  const row = {
    id: newId('req'),
    browserHash: sha256(browser),
    clientId,
    expiresAt: now + LIFETIME_MS,
  }
  return realm.unit(async (t) => {
    if (!(await isWithinLimit(realm, t, c, REQUESTS_OF_AN_ADDRESS))) return undefined
    const signedIn = await readSession(realm, c, t)
    const begunInSession = signedIn?.session.id
    const parameters = JSON.stringify({ request, hint, standing, begunInSession } satisfies StoredParameters)
    await t.requests.add({ ...row, parameters }, now)
    if (signedIn) await touchSession(realm, t, signedIn)
    return {
      requestId: row.id,
      browserHash: row.browserHash,
      createdAt: now,
      readAt: now,
      begunInSession,
      answered: false,
      request,
      facts,
      signedIn,
      standing,
    }
  })
}

/** Reads what decides a request anew, inside the unit that acts on it, and holds the session: what was read before may have been revoked since. */
export async function readAnew(realm: Realm, t: InTenant, flow: Flow): Promise<Flow> {
  const { signedIn } = flow
  const session = signedIn && (await t.sessions.holdLiving(signedIn.session.secret_hash, realm.now()))
  const subject = session && (await t.subjects.find(session.subject_id))
  return {
    ...flow,
    readAt: realm.now(),
    facts: await readFacts(t, realm, flow.request, flow.facts.hint),
    signedIn: session && subject?.status === 'active' ? { session, subject } : undefined,
  }
}

/** What a form or a link to a step carries: the request that it goes on with, and the proof that it may. */
export type SentStep = { readonly request: string; readonly proof: string }

/** Reads the link to a step; one that cannot be read names no request. */
export function sentByLink(c: Http): SentStep {
  const form = parseForm(new URL(c.req.url).search.slice(1))
  const { request = '', proof = '' } = form.ok ? form.value.values : {}
  return { request, proof }
}

/** Finds the request that a form or link names, and proves that this browser may go on with it at this step. */
export async function resumeRequest(
  realm: Realm,
  c: Http,
  step: FlowStep,
  sent: SentStep,
): Promise<Result<Flow, Stop>> {
  return realm.read(async (t) => {
    const stored = await t.requests.find(sent.request)
    if (!stored) return err({ cause: 'request_expired' })
    const browser = readCookie(realm, c, 'browser')
    if (browser === undefined || sha256(browser) !== stored.browserHash) return err({ cause: 'other_browser' })
    const { request, hint, standing, begunInSession } = JSON.parse(stored.parameters) as StoredParameters
    const flow: Flow = {
      requestId: stored.id,
      browserHash: stored.browserHash,
      createdAt: stored.createdAt,
      readAt: realm.now(),
      begunInSession,
      answered: stored.answeredAt !== null,
      request,
      facts: await readFacts(t, realm, request, hint),
      signedIn: await readSession(realm, c, t),
      standing,
    }
    if (stored.expiresAt <= realm.now()) return err({ cause: 'request_expired', flow })
    const binding = { requestId: flow.requestId, browserHash: flow.browserHash, sessionId: flow.signedIn?.session.id }
    return isProofOf(realm, step, binding, sent.proof) ? ok(flow) : err({ cause: 'form_refused', flow })
  })
}
