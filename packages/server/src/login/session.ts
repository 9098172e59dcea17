import { readCookie, writeCookie } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import { newId, newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Session } from '../store/repositories/sessions.ts'
import type { Subject } from '../store/repositories/subjects.ts'
import { ACR_PASSWORD } from './acr.ts'

const IDLE_MS = 12 * 3_600_000
const ABSOLUTE_MS = 7 * 24 * 3_600_000
const TOUCH_EVERY_MS = 60_000

/** A person who is signed in, as read in this request. */
export interface SignedIn {
  readonly session: Session
  readonly subject: Subject
}

/** The living session behind the browser's cookie, with its active person. */
export async function readSession(realm: Realm, c: Http, t: InTenant): Promise<SignedIn | undefined> {
  const secret = readCookie(realm, c, 'session')
  const session = secret === undefined ? undefined : await t.sessions.findLiving(sha256(secret), realm.now())
  const subject = session && (await t.subjects.find(session.subject_id))
  return session && subject?.status === 'active' ? { session, subject } : undefined
}

/** Notes that a session is in use, at most once a minute. */
export async function touchSession(realm: Realm, t: InTenant, { session }: SignedIn): Promise<void> {
  const idleExpiresAt = realm.now() + IDLE_MS
  if (idleExpiresAt - session.idle_expires_at >= TOUCH_EVERY_MS) await t.sessions.touch(session.id, idleExpiresAt)
}

/** Begins a session under a new id at every login, so that an id from before cannot ride on it; the old one ends. */
export async function beginSession(
  realm: Realm,
  t: InTenant,
  subject: Subject,
  before: SignedIn | undefined,
): Promise<{ session: Session; secret: string }> {
  const now = realm.now()
  if (before) await t.sessions.end(before.session.id, now)
  const secret = newSecret()
  const session = {
    id: newId('ses'),
    secret_hash: sha256(secret),
    subject_id: subject.id,
    auth_time: now,
    acr: ACR_PASSWORD,
    amr: JSON.stringify(['pwd']),
    created_at: now,
    idle_expires_at: now + IDLE_MS,
    absolute_expires_at: now + ABSOLUTE_MS,
  }
  await t.sessions.add(session)
  return { session: { ...session, tenant: realm.tenant, ended_at: null }, secret }
}

export function rememberSession(realm: Realm, c: Http, secret: string): void {
  writeCookie(realm, c, 'session', secret)
}
