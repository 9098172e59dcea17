import * as oauth from 'oauth4webapi'
import { ADMIN_SCOPES, adminAudience } from '../access/admin-api.ts'
import { clearCookie, readCookie, writeCookie } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import { open, seal } from '../keys/envelope.ts'
import { newSecret } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { callbackUrl, clientOf } from './oauth-client.ts'
import { returnTo } from './return-to.ts'

/** As long as a request to sign in is open. */
const LIFETIME_MS = 10 * 60_000

/** One attempt to sign in. It is kept sealed in a cookie of the browser that began it, so that only that one can end it. */
export interface SignInAttempt {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly returnTo: string
  readonly maxAge?: number
  readonly expiresAt: number
}

/** `GET /console/login?return_to=…&max_age=…`: sends the browser to sign in, as any web application does (RFC 6749 §4.1, RFC 7636). */
export async function consoleLogin(realm: Realm, c: Http): Promise<Response> {
  const maxAge = c.req.query('max_age')
  const attempt: SignInAttempt = {
    state: newSecret(),
    nonce: newSecret(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnTo: returnTo(realm, c.req.query('return_to')),
    ...(maxAge !== undefined && /^\d{1,6}$/.test(maxAge) ? { maxAge: Number(maxAge) } : {}),
    expiresAt: realm.now() + LIFETIME_MS,
  }
  const sealed = seal(realm.secrets.envelope, JSON.stringify(attempt), sealedAt(realm))
  writeCookie(realm, c, 'console_login', sealed, LIFETIME_MS)

  const url = new URL(`${realm.issuer}/authorize`)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientOf(realm).client_id,
    redirect_uri: callbackUrl(realm),
    scope: ['openid', ...ADMIN_SCOPES].join(' '),
    resource: adminAudience(realm.issuer),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    ...(attempt.maxAge === undefined ? {} : { max_age: String(attempt.maxAge) }),
  }).toString()
  c.header('Cache-Control', 'no-store')
  return c.redirect(url.href, 303)
}

/** The attempt that this browser began, once: whatever comes of it, its cookie is gone. */
export function takeAttempt(realm: Realm, c: Http): SignInAttempt | undefined {
  const sealed = readCookie(realm, c, 'console_login')
  if (sealed === undefined) return undefined
  clearCookie(realm, c, 'console_login')
  const attempt = openAttempt(realm, sealed)
  return attempt && attempt.expiresAt > realm.now() ? attempt : undefined
}

function openAttempt(realm: Realm, sealed: string): SignInAttempt | undefined {
  try {
    return JSON.parse(open(realm.secrets.envelope, sealed, sealedAt(realm))) as SignInAttempt
  } catch {
    // A cookie is what a browser sends: one that we did not seal for this tenant counts as none.
    return undefined
  }
}

function sealedAt({ tenant }: Realm): readonly string[] {
  return [tenant, 'cookie', 'console_login', '']
}
