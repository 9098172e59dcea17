import { errorDescription } from '@permitry/oauth'
import { continuePage } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import type { RequestFailure } from './checks.ts'
import type { Flow } from './stored-request.ts'

/** Where an authorization response goes: always a redirect URI that was proved. */
export interface ReturnTo {
  readonly redirectUri: string
  readonly state: string | undefined
  readonly clientName: string
}

/** The proved way back to the client of a request. */
export function returnTo({ request, facts }: Flow): ReturnTo | undefined {
  if (!facts.client || facts.redirectUri === undefined) return undefined
  return { redirectUri: facts.redirectUri, state: request.state, clientName: facts.client.name }
}

/**
 * Lets the client hear that nothing came of its request, by a link on a page. A client that registered itself is trusted
 * with that after a login only (RFC 9700 §4.11.2).
 */
export function wayBack(
  realm: Realm,
  flow: Flow,
  failure: RequestFailure,
): { url: string; clientName: string } | undefined {
  const to = returnTo(flow)
  if (!to || (flow.facts.client?.registration !== 'registered' && !flow.signedIn)) return undefined
  return { url: responseUrl(realm, to, failure), clientName: to.clientName }
}

/** How the person came here decides how they leave: Chromium blocks a redirect to another origin after a form POST under `form-action 'self'`. */
export type Arrival = 'link' | 'form'

/**
 * The redirect URI with the code or the error, and `iss` beside both (RFC 9207 §2). Parameters are appended to the text
 * that was registered: a URL parser would write its query anew, and clients compare it.
 */
export function responseUrl(realm: Realm, to: ReturnTo, answer: { code: string } | RequestFailure): string {
  const parameters = new URLSearchParams(
    'code' in answer
      ? { code: answer.code }
      : { error: answer.error, error_description: errorDescription(answer.description) },
  )
  if (to.state !== undefined) parameters.set('state', to.state)
  parameters.set('iss', realm.issuer)
  return `${to.redirectUri}${to.redirectUri.includes('?') ? '&' : '?'}${parameters.toString()}`
}

/** Sends the code or the error to the client. */
export function authorizationResponse(
  realm: Realm,
  c: Http,
  to: ReturnTo,
  answer: { code: string } | RequestFailure,
  arrival: Arrival,
): Response {
  const url = responseUrl(realm, to, answer)
  c.header('Cache-Control', 'no-store')
  c.header('Referrer-Policy', 'no-referrer')
  // 303 and never 307: what was posted here must not be posted there (RFC 9700 §4.12).
  if (arrival === 'link') return c.redirect(url, 303)
  return page(
    c,
    continuePage({ ...chrome(c), url, clientName: to.clientName, redirectHost: displayHost(new URL(to.redirectUri)) }),
  )
}

/** `host:port`, or the scheme of a private-use URI such as `cursor:`. */
export function displayHost(url: URL): string {
  return url.host === '' || !/^https?:$/.test(url.protocol) ? url.protocol : url.host
}
