import { continuePage } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import type { RequestFailure } from './checks.ts'

/** Where an authorization response goes: always a redirect URI that was proved. */
export interface ReturnTo {
  readonly redirectUri: string
  readonly state: string | undefined
  readonly clientName: string
}

/** How the person came here decides how they leave: Chromium blocks a redirect to another origin after a form POST under `form-action 'self'`. */
export type Arrival = 'link' | 'form'

/** The redirect URI with the code or the error, and `iss` beside both (RFC 9207 §2). */
export function responseUrl(realm: Realm, to: ReturnTo, answer: { code: string } | RequestFailure): URL {
  const url = new URL(to.redirectUri)
  if ('code' in answer) url.searchParams.set('code', answer.code)
  else {
    url.searchParams.set('error', answer.error)
    url.searchParams.set('error_description', answer.description)
  }
  if (to.state !== undefined) url.searchParams.set('state', to.state)
  url.searchParams.set('iss', realm.issuer)
  return url
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
  if (arrival === 'link') return c.redirect(url.href, 303)
  return page(c, continuePage({ url: url.href, clientName: to.clientName, redirectHost: displayHost(url) }))
}

/** `host:port`, or the scheme of a private-use URI such as `cursor:`. */
export function displayHost(url: URL): string {
  return url.host === '' || !/^https?:$/.test(url.protocol) ? url.protocol : url.host
}
