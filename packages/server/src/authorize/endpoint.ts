import { ok, type Result } from '@permitry/oauth'
import { readIdTokenHint } from '../account/id-token-hint.ts'
import type { AddressLimit } from '../http/address-limit.ts'
import { againByGet } from '../http/cross-site-post.ts'
import type { Http } from '../http/endpoint.ts'
import { errorResponse } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { consultDocument, DOCUMENTS_OF_AN_ADDRESS } from '../register/document/consult.ts'
import type { DocumentFailure, Standing } from '../register/document/standing.ts'
import { documentHost } from '../register/document/url.ts'
import { auditDocument, auditRefusal, auditUnsafe } from './audit.ts'
import { firstFailure, pageChecks, redirectChecks } from './checks.ts'
import { dispatch } from './dispatch.ts'
import { readFacts } from './facts.ts'
import { type AuthorizationRequest, parseAuthorizationRequest } from './request.ts'
import { authorizationResponse } from './response.ts'
import { REQUESTS_OF_AN_ADDRESS, storeRequest } from './stored-request.ts'

/** `GET|POST /authorize` (OAuth 2.1 §3.1, OIDC Core §3.1.2.1): parse, check, store, and leave the rest to dispatch. */
export async function authorizeEndpoint(realm: Realm, c: Http): Promise<Response> {
  const text = c.req.method === 'POST' ? await c.req.text() : new URL(c.req.url).search.slice(1)
  const request = parseAuthorizationRequest(text)
  if (!request.ok) return errorResponse(c, { cause: 'request_malformed' })
  const elsewhere = againByGet(c, `${realm.issuer}/authorize`, text)
  if (elsewhere) return elsewhere
  const consulted = await consult(realm, c, request.value)
  if (!consulted.ok) {
    await auditDocument(realm, request.value, consulted.error)
    return refuseDocument(c, request.value.clientId ?? '', consulted.error)
  }
  const hint = await readIdTokenHint(realm, request.value.idTokenHint)
  const facts = await realm.read((t) => readFacts(t, realm, request.value, hint))
  const { client, redirectUri } = facts

  // Until client and redirect URI are proved, a failure is for the person's eyes only (OAuth 2.1 §4.1.2.1).
  const unsafe = firstFailure(pageChecks, facts)
  if (unsafe !== undefined) {
    await auditUnsafe(realm, request.value, client?.id)
    return errorResponse(
      c,
      client ? { cause: 'redirect_uri_mismatch', clientName: client.name } : { cause: 'client_unknown' },
    )
  }
  if (!client || redirectUri === undefined) throw new Error('an unproved client or redirect URI passed the page checks')

  // An error that comes at once makes an open redirector of every client that anybody may register: those are answered
  // by dispatch, after the person signed in (RFC 9700 §4.11.2).
  const atOnce = client.registration === 'registered' || request.value.prompts.includes('none')
  const failure = atOnce ? firstFailure(redirectChecks, facts) : undefined
  if (failure !== undefined) {
    await realm.unit((t) => auditRefusal(t, facts, failure))
    const to = { redirectUri, state: request.value.state, clientName: client.name }
    return authorizationResponse(realm, c, to, failure, 'link')
  }
  const flow = await storeRequest(realm, c, facts, client.id, consulted.value)
  if (!flow) return throttle(c, REQUESTS_OF_AN_ADDRESS)
  return dispatch(realm, c, flow, 'link')
}

/** A client that says who it is by a document is looked up there first. Twice the parameter names nobody. */
async function consult(
  realm: Realm,
  c: Http,
  { clientId, repeated }: AuthorizationRequest,
): Promise<Result<Standing, DocumentFailure>> {
  if (clientId === undefined || repeated.includes('client_id')) return ok('current')
  return consultDocument(realm, c, clientId, { introduces: true })
}

/** The page says what the maker of the client can mend, and nothing about the networks that this server sees. */
function refuseDocument(c: Http, clientId: string, { reason, detail }: DocumentFailure): Response {
  if (reason === 'limited') return throttle(c, DOCUMENTS_OF_AN_ADDRESS)
  const cause = { cause: 'client_document', host: documentHost(clientId), problem: reason } as const
  return errorResponse(c, reason === 'invalid' ? { ...cause, detail } : cause)
}

function throttle(c: Http, { windowMs }: AddressLimit): Response {
  const seconds = windowMs / 1000
  c.header('Retry-After', String(seconds))
  return errorResponse(c, { cause: 'throttled', seconds })
}
