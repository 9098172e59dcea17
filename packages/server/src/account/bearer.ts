import {
  bearerChallenge,
  type BearerChallenge,
  dpopChallenge,
  err,
  errorBody,
  ok,
  type OAuthErrorCode,
  type Result,
  SIGNING_ALGS,
} from '@permitry/oauth'
import { describeProofFailure, type ProofFailure } from '@permitry/oauth/dpop'
import type { Http } from '../http/endpoint.ts'

/** Why a request is refused whose token is missing, in the wrong place, or not enough, or comes without a good proof. */
export type BearerFailure =
  | 'token_missing'
  | 'token_in_query'
  | 'invalid_token'
  | 'insufficient_scope'
  | { readonly proof: ProofFailure }

/** An access token with the scheme under which it was sent: `DPoP` for one that is bound to a key (RFC 9449 §7.1). */
export interface SentToken {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
}

/** Reads the token from the Authorization header, the only place where we take one (RFC 6750 §2.1, OAuth 2.1 §5.1). */
export function readToken(c: Http): Result<SentToken, BearerFailure> {
  if (c.req.query('access_token') !== undefined) return err('token_in_query')
  const [, scheme, token = ''] = /^(Bearer|DPoP)(?: +(.*))?$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (scheme === undefined) return err('token_missing')
  return ok({ scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token })
}

/** Answers with the challenge of RFC 6750 §3 or RFC 9449 §7.1, whichever scheme was used, and says the same in the body. */
export function refuseBearer(c: Http, failure: BearerFailure): Response {
  const { status, error, description, scope } = toWire(failure)
  const challenge = {
    ...(error === undefined ? {} : { error, errorDescription: description }),
    ...(scope === undefined ? {} : { scope }),
  }
  for (const text of challengesFor(c, challenge)) c.header('WWW-Authenticate', text, { append: true })
  return error === undefined ? c.body(null, status) : c.json(errorBody(error, description), status)
}

/** Who sent no token is told of both ways (RFC 9449 §7.1). */
function challengesFor(c: Http, challenge: BearerChallenge): readonly string[] {
  const sent = readToken(c)
  const [bearer, dpop] = [bearerChallenge(challenge), dpopChallenge(challenge, SIGNING_ALGS)]
  if (!sent.ok) return [bearer, dpop]
  return [sent.value.scheme === 'DPoP' ? dpop : bearer]
}

interface WireFailure {
  readonly status: 400 | 401 | 403
  readonly error?: OAuthErrorCode
  readonly description?: string
  readonly scope?: readonly string[]
}

function toWire(failure: BearerFailure): WireFailure {
  if (typeof failure === 'object') return { status: 401, ...describeProofFailure(failure.proof) }
  switch (failure) {
    // RFC 6750 §3.1: who sent no token at all gets no error code.
    case 'token_missing':
      return { status: 401 }
    case 'token_in_query':
      return {
        status: 400,
        error: 'invalid_request',
        description: 'send the access token in the Authorization header, never in the URI',
      }
    case 'invalid_token':
      return { status: 401, error: 'invalid_token', description: 'the access token is not valid here, or not any more' }
    case 'insufficient_scope':
      return { status: 403, error: 'insufficient_scope', description: 'the scope openid is missing', scope: ['openid'] }
  }
}
