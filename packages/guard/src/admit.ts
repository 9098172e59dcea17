// The steps of a request, in order. Each refuses or hands on; what is not refused by the end is admitted.
import { err, ok, type Result } from '@permitry/oauth'
import { methodNotAllowed, rpcError, schemeOf, tokenRefused } from './answers.ts'
import { createAudit } from './audit.ts'
import { createAuthenticate } from './authenticate.ts'
import { authorizeSession, createAuthorize, type Authorized } from './authorize.ts'
import { checkOrigin, corsHeaders, isRebound, metadataAnswer, preflight } from './cors.ts'
import { authInfoOf } from './decided.ts'
import type { Era } from './era.ts'
import type { Caller } from './issuer/claims.ts'
import { createProofs } from './issuer/proofs.ts'
import { createVerifier } from './issuer/verify.ts'
import type { MessageFilter } from './list-filter.ts'
import { idOf, readPost } from './read-post.ts'
import { createOwned } from './owned.ts'
import type { Reports } from './report/reports.ts'
import type { Settings } from './settings.ts'
import type { Signals } from './signals/signals.ts'
import { createTasks } from './tasks.ts'
import type { AuthInfo, Incoming } from './types.ts'

/** What the handler gets, and what is to be done with its answer. */
export interface Admission {
  readonly authInfo: AuthInfo
  /** From 2026-07-28 on a client that goes away cancels its request; before, it does not. */
  readonly era: Era
  /** Parsed; undefined for requests without a body. */
  readonly body: unknown
  /** Headers that the handler must not see: the token above all. */
  readonly withheld: readonly string[]
  /** Headers to add to the answer. */
  readonly headers: Readonly<Record<string, string>>
  /** For answers that show what there is: they are cut down to what the caller may see. */
  readonly filter: MessageFilter | undefined
  /** Where an answer may open a session: to be called with its id. */
  readonly onSession: ((sessionId: string) => void) | undefined
  /** For answers that go on: milliseconds after which they end, since the token does. */
  readonly endsAfter: number | undefined
  /**
   * For answers that go on, and for every stream of events: calls `end` when the token is revoked, and returns how to
   * forget the stream. Undefined where there are no signals.
   */
  readonly untilRevoked: ((end: () => void) => () => void) | undefined
}

/** The handler's turn, or the guard's own answer. */
export type Verdict = Result<Admission, Response>

/** Makes the function that all adapters ask about each request. Faults, such as a loader that fails, throw: that denies. */
export function createAdmit(
  settings: Settings,
  signals: Signals,
  reports: Reports,
): (request: Incoming) => Promise<Verdict> {
  const { verify, forget } = createVerifier(settings, signals.isRevoked)
  signals.whenRevoked(forget)
  const proofs = createProofs(settings)
  const authenticate = createAuthenticate({ settings, verify, proofs, mayServe: (issuer) => signals.mayServe(issuer) })
  /** Of the legacy era. */
  const sessions = createOwned<true>()
  const tasks = createTasks()
  const { onListed } = reports
  const authorize = createAuthorize(settings, tasks, createAudit(settings, reports), onListed)

  return async (request) => {
    if (isForMetadata(request.url, settings)) return err(metadataAnswer(request.method, settings))
    if (isRebound(request, settings) || checkOrigin(request.headers, settings) === 'refused') {
      return err(rpcError(403, -32000, 'this host or origin may not call', null))
    }
    const headers = { ...corsHeaders(request.headers), ...(await proofs.headers(request)) }
    const verdict = request.method === 'OPTIONS' ? err(preflight(request.headers)) : await admit(request)
    if (verdict.ok) return ok({ ...verdict.value, headers })
    for (const [name, value] of Object.entries(headers)) verdict.error.headers.set(name, value)
    return verdict
  }

  async function admit(request: Incoming): Promise<Result<Omit<Admission, 'headers'>, Response>> {
    const caller = await authenticate(request)
    if (!caller.ok) {
      if (caller.error.status === 401) reports.countUnauthenticated()
      return caller
    }
    switch (request.method) {
      case 'POST': {
        const post = await readPost(request, settings)
        if (!post.ok) return post
        const { era, message } = post.value
        if (isForeignSession(request, era, caller.value)) return err(sessionNotFound(idOf(message)))
        const authorized = await authorize(post.value, caller.value)
        if (!authorized.ok) return authorized
        // The body may have taken its time, and a loader too.
        if (signals.isRevoked(caller.value.principal, caller.value.epoch)) {
          return err(tokenRefused(schemeOf(caller.value.principal), settings))
        }
        return ok(admission(request, era, caller.value, authorized.value))
      }
      case 'GET':
      case 'DELETE':
        if (isForeignSession(request, 'legacy', caller.value)) return err(sessionNotFound(null))
        return ok(admission(request, 'legacy', caller.value, authorizeSession(caller.value, settings, tasks, onListed)))
      default:
        return err(methodNotAllowed())
    }
  }

  /** Session ids count in the legacy era only; from 2026-07-28 on the handler does not get to see one. */
  function isForeignSession({ headers }: Incoming, era: Era, { principal }: Caller): boolean {
    const sessionId = headers.get('mcp-session-id')
    return era === 'legacy' && sessionId !== null && sessions.find(sessionId, principal) === undefined
  }

  function admission(
    { headers }: Incoming,
    era: Era,
    { principal, scopes, epoch }: Caller,
    { decisionId, decided, body, filter, opensSession, isStream }: Authorized,
  ): Omit<Admission, 'headers'> {
    const inSession = era === 'legacy' && headers.get('mcp-session-id') !== null
    return {
      authInfo: authInfoOf({ decisionId, principal, ...decided }, scopes, settings),
      era,
      body,
      // Resuming a stream without a session of one's own could read somebody else's.
      withheld: inSession ? TOKEN_HEADERS : [...TOKEN_HEADERS, 'mcp-session-id', 'last-event-id'],
      filter,
      onSession: opensSession ? (sessionId) => sessions.remember(sessionId, principal, true) : undefined,
      untilRevoked: signals.isOn ? (end) => signals.untilRevoked(principal, epoch, end) : undefined,
      endsAfter: isStream ? Math.min(principal.exp * 1000 - settings.clock(), MAX_TIMEOUT_MS) : undefined,
    }
  }
}

/** Looks for the words first: to parse a URL costs more than all else that is asked of most requests. */
function isForMetadata(url: string, { metadata }: Settings): boolean {
  return url.includes('/.well-known/') && metadata.paths.has(new URL(url).pathname)
}

/** The longest that timers count; more would end at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
const TOKEN_HEADERS = ['authorization', 'dpop']

/** What the MCP SDKs say of a session that has ended: the client opens another. */
function sessionNotFound(id: string | number | null): Response {
  return rpcError(404, -32001, 'Session not found', id)
}
