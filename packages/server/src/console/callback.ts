import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { clearCookie, readCookie, writeCookie } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import { errorResponse } from '../http/pages.ts'
import { newId, newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { takeAttempt, type SignInAttempt } from './login.ts'
import { callbackUrl, clientAuth, clientOf, serverOf, withinProcess } from './oauth-client.ts'
import { endConsoleSession, replaceConsoleSession } from './session.ts'
import { sealTokens } from './tokens.ts'

const ABSOLUTE_MS = 8 * 3_600_000

/** `GET /console/callback`: takes the code that this browser asked for and begins its session under a new secret. */
export async function consoleCallback(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const attempt = takeAttempt(realm, c)
  if (!attempt) return errorResponse(c, { cause: 'console_login_lost', againUrl: `${realm.issuer}/console` })
  const tokens = await redeem(realm, c, attempt)
  if (tokens === 'access_denied')
    return errorResponse(c, { cause: 'console_denied', signOutUrl: `${realm.issuer}/logout` })
  if (!tokens) return errorResponse(c, { cause: 'console_login_lost', againUrl: `${realm.issuer}/console` })

  const before = readCookie(realm, c, 'console')
  if (before !== undefined) await replaceConsoleSession(realm, before)
  const secret = newSecret()
  const familyId = String(decodeJwt(tokens.access_token)['fam'])
  const id = newId('con')
  const begun = await realm.unit(async (t) => {
    const family = await t.families.findLiving(familyId, realm.now())
    if (!family || family.sessionId === null) return false
    await t.consoleSessions.add({
      id,
      secret_hash: sha256(secret),
      subject_id: family.subjectId,
      session_id: family.sessionId,
      family_id: familyId,
      ...sealTokens(realm, id, tokens),
      created_at: realm.now(),
      absolute_expires_at: realm.now() + ABSOLUTE_MS,
    })
    return true
  })
  // Somebody ended the login between the code and this line.
  if (!begun) return errorResponse(c, { cause: 'console_login_lost', againUrl: `${realm.issuer}/console` })
  writeCookie(realm, c, 'console', secret)
  return c.redirect(attempt.returnTo, 303)
}

/** `access_denied` when the person may not administer anything, or said no; undefined for an answer that does not fit the attempt. */
async function redeem(
  realm: Realm,
  c: Http,
  { state, nonce, verifier, maxAge }: SignInAttempt,
): Promise<oauth.TokenEndpointResponse | 'access_denied' | undefined> {
  try {
    const server = serverOf(realm)
    const parameters = oauth.validateAuthResponse(server, clientOf(realm), new URL(c.req.url).searchParams, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      clientOf(realm),
      clientAuth(realm),
      parameters,
      callbackUrl(realm),
      verifier,
      withinProcess(c),
    )
    return await oauth.processAuthorizationCodeResponse(server, clientOf(realm), response, {
      expectedNonce: nonce,
      requireIdToken: true,
      ...(maxAge === undefined ? {} : { maxAge }),
    })
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied') return 'access_denied'
    const isAnswer =
      error instanceof oauth.AuthorizationResponseError ||
      error instanceof oauth.ResponseBodyError ||
      error instanceof oauth.OperationProcessingError
    if (isAnswer) return undefined
    throw error
  }
}

/** Signs the console out of this browser; see `endConsoleSession` for what ends with it. */
export async function consoleLogout(realm: Realm, c: Http): Promise<Response> {
  const secret = readCookie(realm, c, 'console')
  if (secret !== undefined) await endConsoleSession(realm, secret)
  clearCookie(realm, c, 'console')
  c.header('Cache-Control', 'no-store')
  return c.body(null, 204)
}
