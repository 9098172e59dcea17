import { readCookie, writeCookie } from '../http/cookies.ts'
import type { Http } from '../http/endpoint.ts'
import type { LoginView } from '../html/index.ts'
import type { Realm } from '../realm.ts'
import {
  type AcceptedLogin,
  admitLogin,
  decideConfirmation,
  decideLogin,
  DEVICE_LIFETIME_MS,
  type LoginAttempt,
  type RefusedLogin,
} from './attempt.ts'
import { verifyPassword } from './password.ts'
import { rememberSession, type SignedIn } from './session.ts'

/** What somebody typed, and the application that asks for the login, if one does. */
interface Credentials {
  readonly username: string
  readonly password: string
  readonly clientId: string | undefined
}

/**
 * Checks a name and password and begins a session, which the browser gets; `before` is the one that ends with it. Two units with
 * the hashing between them, because a unit awaits nothing but the database.
 */
export async function logIn(
  realm: Realm,
  c: Http,
  credentials: Credentials,
  before: SignedIn | undefined,
): Promise<AcceptedLogin | RefusedLogin> {
  const admitted = await realm.unit((t) => admitLogin(realm, t, attemptOf(realm, c, credentials)))
  if ('reason' in admitted) return admitted
  const check = await verifyPassword(credentials.password, admitted.person?.password_hash ?? null)
  const decision = await realm.unit((t) => decideLogin(realm, t, admitted, check, before))
  if (decision.signedIn) {
    rememberSession(realm, c, decision.sessionSecret)
    writeCookie(realm, c, 'device', decision.deviceSecret, DEVICE_LIFETIME_MS)
  }
  return decision
}

/** Checks the password of somebody who is signed in, counted and slowed down as a login is. */
export async function confirmPassword(
  realm: Realm,
  c: Http,
  { subject }: SignedIn,
  password: string,
): Promise<'confirmed' | RefusedLogin> {
  // Who signed in has a user name, unless it was taken away since: then no password is the right one.
  const credentials = { username: subject.username ?? '', password, clientId: undefined }
  const admitted = await realm.unit((t) => admitLogin(realm, t, attemptOf(realm, c, credentials)))
  if ('reason' in admitted) return admitted
  const person = admitted.person?.id === subject.id ? admitted.person : undefined
  const check = await verifyPassword(password, person?.password_hash ?? null)
  return realm.unit((t) => decideConfirmation(t, { ...admitted, person }, check))
}

/** What the page says of a refusal; a wait is told to programs as well (RFC 9110 §10.2.3). */
export function tellRefusal(c: Http, { throttledSeconds }: RefusedLogin): NonNullable<LoginView['error']> {
  if (throttledSeconds === undefined) return 'invalid_credentials'
  c.header('Retry-After', String(throttledSeconds))
  return { throttledSeconds }
}

function attemptOf(realm: Realm, c: Http, { username, clientId }: Credentials): LoginAttempt {
  return { username, clientAddress: c.env.clientAddress, deviceSecret: readCookie(realm, c, 'device'), clientId }
}
