import { type Fault, type Problem, type ProblemKind, PROBLEMS, problemType } from '@permitry/admin-api'
import { bearerChallenge } from '@permitry/oauth'
import { type CommandFailure, describeFailure, type Kind } from '../commands/failure.ts'
import type { Http } from '../http/endpoint.ts'

/** Why a request is refused: what programs go by, and a sentence for people. */
export interface Refusal {
  readonly kind: ProblemKind
  readonly detail?: string
  readonly errors?: readonly Fault[]
  /** For a token that is not enough. */
  readonly scope?: string
  /** For a fault: what stands in the log beside it. */
  readonly requestId?: string
}

/** The age that a login may have for what is sensitive, in seconds (RFC 9470 §3). */
export const MAX_LOGIN_AGE_SECONDS = 900

/** Answers with a problem (RFC 9457), and with the challenge that a client acts on (RFC 6750 §3, RFC 9470 §3). */
export function refuse(c: Http, { kind, detail, errors, scope, requestId }: Refusal): Response {
  const { status, title } = PROBLEMS[kind]
  const challenge = challengeFor(kind, detail, scope)
  if (challenge !== undefined) c.header('WWW-Authenticate', challenge)
  const problem: Problem = {
    type: problemType(kind),
    title,
    status,
    ...(detail !== undefined && { detail }),
    ...(errors && { errors: [...errors] }),
    ...(requestId !== undefined && { request_id: requestId }),
  }
  return c.body(JSON.stringify(problem), status, { 'Content-Type': 'application/problem+json' })
}

/** Who sent no token gets no error code (RFC 6750 §3.1): there is no detail then either. */
function challengeFor(kind: ProblemKind, detail: string | undefined, scope: string | undefined): string | undefined {
  const description = detail === undefined ? {} : { errorDescription: detail }
  switch (kind) {
    case 'unauthorized':
      return bearerChallenge(detail === undefined ? {} : { error: 'invalid_token', ...description })
    case 'insufficient_user_authentication':
      return bearerChallenge({ error: kind, ...description, maxAge: MAX_LOGIN_AGE_SECONDS })
    case 'insufficient_scope':
      return bearerChallenge({ error: kind, ...description, ...(scope !== undefined && { scope: [scope] }) })
    default:
      return undefined
  }
}

/** The thing that a path names: when that is missing it is not found, while a name in a body that is missing is a fault of the body. */
export interface Target {
  readonly kind: Kind
  readonly id: string
}

/** No `default`: a new reason does not compile until it is told here. */
export function refusalOf(failure: CommandFailure, target: Target): Refusal {
  const detail = describeFailure(failure)
  switch (failure.reason) {
    case 'forbidden':
    case 'not_held':
      return { kind: 'forbidden', detail }
    case 'last_owner':
    case 'has_owner':
    case 'built_in':
      return { kind: 'conflict', detail }
    case 'unknown':
      return { kind: failure.kind === target.kind && failure.id === target.id ? 'not_found' : 'invalid', detail }
    case 'taken':
      return { kind: 'taken', detail }
    case 'invalid':
      return { kind: 'invalid', detail }
    case 'full':
      return { kind: 'conflict', detail }
    case 'changed_meanwhile':
      return { kind: 'changed_meanwhile', detail }
  }
}
