import * as oauth from 'oauth4webapi'
import { endFamily } from '../commands/family.ts'
import { runCommand } from '../commands/run.ts'
import { readCookie } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import { sha256 } from '../keys/secrets.ts'
import { auditSessionEnd } from '../login/audit.ts'
import type { Realm } from '../realm.ts'
import type { ConsoleSession } from '../store/repositories/console-sessions.ts'
import { clientAuth, clientOf, serverOf, withinProcess } from './oauth-client.ts'
import { openTokens, sealTokens } from './tokens.ts'

/** A token that lives no longer than this would die on its way. */
const FRESH_MS = 30_000

/** The living session of this browser, with an access token that still counts; undefined when it must sign in again. */
export async function readConsoleSession(
  realm: Realm,
  c: Http,
): Promise<{ session: ConsoleSession; accessToken: string } | undefined> {
  const secret = readCookie(realm, c, 'console')
  if (secret === undefined) return undefined
  const hash = sha256(secret)
  const session = await find(realm, hash)
  if (!session) return undefined
  const fresh = isFresh(realm, session) ? session : await refreshOnce(realm, c, session)
  return fresh && { session: fresh, accessToken: openTokens(realm, fresh).access }
}

/**
 * Ends this browser's session with its tokens and the login below it: otherwise the next click on "Sign in" would let in
 * whoever sits there now. What the person allowed to other applications stays, as at `/logout`.
 */
export async function endConsoleSession(realm: Realm, secret: string): Promise<void> {
  const removed = await realm.unit(async (t) => {
    const session = await t.consoleSessions.remove(sha256(secret))
    const login = session && (await t.sessions.find(session.session_id))
    const subject = login && (await t.subjects.find(login.subject_id))
    if (subject && (await t.sessions.end(login.id, realm.now())))
      await auditSessionEnd(t, { session: login, subject }, 'signed out of the console')
    return session
  })
  if (removed) await endTokens(realm, removed)
}

/** Ends a session whose browser has just signed in anew; the login may be the same, and stays. */
export async function replaceConsoleSession(realm: Realm, secret: string): Promise<void> {
  const removed = await realm.unit((t) => t.consoleSessions.remove(sha256(secret)))
  if (removed) await endTokens(realm, removed)
}

async function endTokens(realm: Realm, { family_id }: ConsoleSession): Promise<void> {
  await runCommand(realm.operatorFor({ kind: 'system', id: 'permitry-console' }), endFamily, { id: family_id })
}

function find(realm: Realm, hash: string): Promise<ConsoleSession | undefined> {
  return realm.read((t) => t.consoleSessions.findLiving(hash, realm.now()))
}

function isFresh(realm: Realm, { tokens_expire_at }: ConsoleSession): boolean {
  return tokens_expire_at - realm.now() > FRESH_MS
}

/** Tabs share a session and ask at the same moment: one refreshes, the others wait for it. */
function refreshOnce(realm: Realm, c: Http, session: ConsoleSession): Promise<ConsoleSession | undefined> {
  const flight = realm.consoleFlights.get(session.id) ?? refresh(realm, c, session)
  realm.consoleFlights.set(session.id, flight)
  return flight.finally(() => realm.consoleFlights.delete(session.id))
}

async function refresh(realm: Realm, c: Http, before: ConsoleSession): Promise<ConsoleSession | undefined> {
  // Read once more: whoever waited for a flight that has just landed needs no other.
  const session = await find(realm, before.secret_hash)
  if (!session || isFresh(realm, session)) return session
  const server = serverOf(realm)
  try {
    const token = openTokens(realm, session).refresh
    const response = await oauth.refreshTokenGrantRequest(
      server,
      clientOf(realm),
      clientAuth(realm),
      token,
      withinProcess(c),
    )
    const tokens = await oauth.processRefreshTokenResponse(server, clientOf(realm), response)
    // The old refresh token stays good where the answer brings no other.
    const sealed = sealTokens(realm, session.id, { refresh_token: token, ...tokens })
    await realm.unit((t) => t.consoleSessions.replaceTokens(session, sealed))
    return await find(realm, session.secret_hash)
  } catch (error) {
    // What it lived on was taken away: the person signs in again, or learns there that no role is left.
    if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') return undefined
    throw error
  }
}
