import { bearerChallenge, err, errorBody, ok, type OAuthErrorCode, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'

/** Why a request is refused whose token is missing, in the wrong place, or not enough. */
export type BearerFailure = 'token_missing' | 'token_in_query' | 'invalid_token' | 'insufficient_scope'

/** Reads the token from the Authorization header, the only place where we take one (RFC 6750 §2.1, OAuth 2.1 §5.1). */
export function readBearer(c: Http): Result<string, BearerFailure> {
  if (c.req.query('access_token') !== undefined) return err('token_in_query')
  const header = /^Bearer(?: +(.*))?$/i.exec(c.req.header('authorization') ?? '')
  return header ? ok(header[1] ?? '') : err('token_missing')
}

/** Answers with the challenge of RFC 6750 §3, and says the same in the body. */
export function refuseBearer(c: Http, failure: BearerFailure): Response {
  const { status, error, description, scope } = toWire(failure)
  const challenge = {
    ...(error === undefined ? {} : { error, errorDescription: description }),
    ...(scope === undefined ? {} : { scope }),
  }
  c.header('WWW-Authenticate', bearerChallenge(challenge))
  return error === undefined ? c.body(null, status) : c.json(errorBody(error, description), status)
}

interface WireFailure {
  readonly status: 400 | 401 | 403
  readonly error?: OAuthErrorCode
  readonly description?: string
  readonly scope?: readonly string[]
}

function toWire(failure: BearerFailure): WireFailure {
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
