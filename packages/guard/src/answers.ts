// Every answer that the guard gives itself, and nothing of why: reasons go to the audit sink.
import { bearerChallenge, type BearerChallenge, dpopChallenge, SIGNING_ALGS } from '@permitry/oauth'
import { describeProofFailure, type ProofFailure } from '@permitry/oauth/dpop'
import type { Decision } from '@permitry/policy'
import type { Scheme } from './credentials.ts'
import type { Era } from './era.ts'
import type { MessageId } from './message.ts'
import type { Item } from './operation.ts'
import type { Settings } from './settings.ts'
import type { Principal } from './types.ts'

/** A JSON-RPC error. Dual-era clients look for one in each 4xx; without it they take the server for a legacy one. */
export function rpcError(status: number, code: number, message: string, id: MessageId, data?: object): Response {
  return Response.json({ jsonrpc: '2.0', id, error: { code, message, ...(data && { data }) } }, { status })
}

/** 401 for a request without credentials: constant, and without `error` (RFC 6750 §3.1). */
export function tokenNeeded({ challenge }: Settings): Response {
  return refusal(401, challenge, 'invalid_token', 'a valid access token is needed')
}

/** 401 for a token that is not good, RFC 6750 §3.1. Which check failed is not told. */
export function tokenRefused(scheme: Scheme, settings: Settings): Response {
  const more = { scope: settings.defaultScopes }
  return challenged(scheme, settings, 401, 'invalid_token', 'the access token is not valid', more)
}

/** 401 for a token that came without a good proof of its key, RFC 9449 §7.1, §9. */
export function proofRefused(failure: ProofFailure, settings: Settings): Response {
  const { error, description } = describeProofFailure(failure)
  return challenged('DPoP', settings, 401, error, description, { scope: settings.defaultScopes })
}

/** The scheme in which a caller has to show its token. */
export function schemeOf({ cnf }: Principal): Scheme {
  return cnf === undefined ? 'Bearer' : 'DPoP'
}

/** 400 for a token in two places, RFC 6750 §3.1. */
export function twoMethods(settings: Settings): Response {
  return challenged(
    'Bearer',
    settings,
    400,
    'invalid_request',
    'send the access token in the Authorization header only',
    {},
  )
}

/**
 * 503 when the authorization server cannot be asked: the token may well be good, so no 401, which would make clients throw it
 * away and send people to log in; and no 500, since it is worth another try.
 */
export function issuerUnavailable(): Response {
  const answer = rpcError(503, -32603, 'the authorization server cannot be reached: try again', null)
  answer.headers.set('retry-after', '5')
  return answer
}

/** 405 for what no revision of MCP knows at its endpoint. */
export function methodNotAllowed(): Response {
  const answer = rpcError(405, -32000, 'Method not allowed.', null)
  answer.headers.set('allow', 'POST, GET, DELETE')
  return answer
}

/** For a task that is not there and for one that is somebody else's: MCP 2025-11-25, Tasks, Protocol Errors. */
export function taskNotFound(id: MessageId): Response {
  return rpcError(200, -32602, 'Task not found', id)
}

/** 400 for a method of an extension that the client does not declare: MCP 2026-07-28, Missing Required Capabilities. */
export function capabilityMissing(id: MessageId, extension: string): Response {
  const requiredCapabilities = { extensions: { [extension]: {} } }
  return rpcError(400, -32021, 'Missing required client capability', id, { requiredCapabilities })
}

/** What a message needs to be answered. */
export interface Question {
  readonly id: MessageId
  readonly era: Era
  readonly item: Item
  readonly decisionId: string
  readonly scheme: Scheme
}

/** The one place where a refusal becomes an answer; undefined for `allow`. No `default`: a new outcome must be mapped. */
export function toAnswer(decision: Decision, question: Question, settings: Settings): Response | undefined {
  const { item, decisionId } = question
  const scope = settings.rules[item.type].get(item.id)?.scopes ?? []
  switch (decision.outcome) {
    case 'allow':
      return undefined
    case 'challenge': {
      const description = `${item.name} needs more scopes (${decisionId})`
      return challenged(question.scheme, settings, 403, 'insufficient_scope', description, { scope: decision.scopes })
    }
    case 'step_up': {
      const { acrValues, maxAgeSeconds: maxAge } = decision
      const description = `${item.name} needs a stronger or more recent login (${decisionId})`
      return challenged(question.scheme, settings, 401, 'insufficient_user_authentication', description, {
        // The new token has to do for the same operation.
        ...(scope.length > 0 && { scope }),
        ...(acrValues && { acrValues }),
        ...(maxAge !== undefined && { maxAge }),
      })
    }
    case 'never':
      return decision.answer === 'explain'
        ? refused(
            `Not permitted: ${item.name} needs the permission ${decision.missing.join(', ')}, which this person's roles do not give. Asking again will not help.`,
            question,
          )
        : notFound(question)
    case 'refuse':
      return refused(`Refused: ${decision.message}`, question)
  }
}

const LABELS = { tool: 'Tool', prompt: 'Prompt', resource: 'Resource' } as const

/** The answer for what does not exist and for what is hidden: the words of the MCP SDKs, by this one function for both. */
function notFound({ id, item }: Question): Response {
  const name = item.name.slice(0, 256)
  const data = item.type === 'resource' ? { uri: name } : undefined
  return rpcError(200, -32602, `${LABELS[item.type]} ${name} not found`, id, data)
}

/** For a tool an error result, which models read and act on; prompts and resources have no such thing. */
function refused(reason: string, { id, era, item, decisionId }: Question): Response {
  const text = `${reason} (decision ${decisionId})`
  if (item.type !== 'tool') return rpcError(200, -32602, text, id)
  const result = {
    content: [{ type: 'text', text }],
    isError: true,
    ...(era === 'modern' && { resultType: 'complete' }),
  }
  return Response.json({ jsonrpc: '2.0', id, result })
}

function challenged(
  scheme: Scheme,
  { metadata }: Settings,
  status: number,
  error: NonNullable<BearerChallenge['error']>,
  description: string,
  more: Pick<BearerChallenge, 'scope' | 'acrValues' | 'maxAge'>,
): Response {
  const { scope, ...rest } = more
  const parameters = {
    error,
    errorDescription: description,
    resourceMetadata: metadata.url,
    ...(scope !== undefined && scope.length > 0 && { scope }),
    ...rest,
  }
  const challenge = scheme === 'DPoP' ? dpopChallenge(parameters, SIGNING_ALGS) : bearerChallenge(parameters)
  return refusal(status, challenge, error, description)
}

function refusal(status: number, challenge: string, error: string, description: string): Response {
  return Response.json(
    { error, error_description: description },
    { status, headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' } },
  )
}
