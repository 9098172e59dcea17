import { createHmac } from 'node:crypto'
import { callerNetwork } from '../http/client-address.ts'
import { newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { type Subject, usernameKey } from '../store/repositories/subjects.ts'
import type { PasswordCheck } from './password.ts'
import { beginSession, type SignedIn } from './session.ts'
import { admit, type Counted, giveBack, type Limit } from './throttle.ts'

/** Slips of a person who half remembers a password cost no wait; an address may have an office behind it. */
const FREE_PER_ACCOUNT = 10
const FREE_PER_ADDRESS = 100
/** What a person may do again in a moment, when all hashing is busy. */
const BUSY_SECONDS = 5

export const DEVICE_LIFETIME_MS = 180 * 24 * 3_600_000
const DEVICES_OF_A_PERSON = 20

/** An attempt to sign in: who it claims to be, and where it comes from. Everything here is attacker-controlled. */
export interface LoginAttempt {
  readonly username: string
  readonly clientAddress: string
  /** The secret that a browser got when somebody signed in on it. */
  readonly deviceSecret: string | undefined
}

/** An attempt whose password may be checked; it counts as failed until it is decided. */
export interface AdmittedAttempt {
  /** The active person behind the name, if there is one. */
  readonly subject: Subject | undefined
  readonly deviceHash: string | undefined
  readonly counted: readonly Counted[]
}

export interface RefusedLogin {
  readonly signedIn: false
  /** For the audit: the person is told no more than `throttledSeconds` says. */
  readonly reason: 'throttled' | 'busy' | 'credentials'
  /** How long to wait; undefined when the credentials were checked and are not right. */
  readonly throttledSeconds: number | undefined
}

export type LoginDecision =
  | RefusedLogin
  | { readonly signedIn: SignedIn; readonly sessionSecret: string; readonly deviceSecret: string }

/**
 * First unit of a login: decides whether a password may be tried at all. Failures count per account and per address; on
 * a device where the person has signed in before they count for that person and device alone, so that strangers who
 * guess cannot lock the owner out, nor somebody at the same address. A name that nobody has is treated like any other.
 */
export async function admitLogin(
  realm: Realm,
  t: InTenant,
  { username, clientAddress, deviceSecret }: LoginAttempt,
): Promise<AdmittedAttempt | RefusedLogin> {
  const now = realm.now()
  const found = await t.subjects.findByUsername(username)
  const subject = found?.status === 'active' ? found : undefined
  const deviceHash = deviceSecret === undefined ? undefined : sha256(deviceSecret)
  const isKnownDevice =
    deviceHash !== undefined && (await t.knownDevices.isKnown(subject?.id ?? '', deviceHash, now - DEVICE_LIFETIME_MS))
  const account = usernameKey(username)
  const limits: Limit[] = isKnownDevice
    ? [{ key: throttleKey(realm, ['device', account, deviceHash]), free: FREE_PER_ACCOUNT }]
    : [
        { key: throttleKey(realm, ['account', account]), free: FREE_PER_ACCOUNT },
        { key: throttleKey(realm, ['address', callerNetwork(clientAddress)]), free: FREE_PER_ADDRESS },
      ]
  const admission = await admit(t, limits, now)
  if (!admission.admitted) return refused('throttled', admission.waitSeconds)
  return { subject, deviceHash, counted: admission.counted }
}

/** Second unit of a login: decides it, and writes all that a login changes. `before` is the session that it ends. */
export async function decideLogin(
  realm: Realm,
  t: InTenant,
  { subject, deviceHash, counted }: AdmittedAttempt,
  check: PasswordCheck,
  before: SignedIn | undefined,
): Promise<LoginDecision> {
  if (check === 'busy') {
    await giveBack(t, counted)
    return refused('busy', BUSY_SECONDS)
  }
  const current = check === 'match' && subject ? await t.subjects.find(subject.id) : undefined
  // Hashing takes a while: who was suspended or given a new password meanwhile does not get in on the old one.
  if (current?.status !== 'active' || current.password_hash !== subject?.password_hash) return refused('credentials')
  await giveBack(t, counted)
  const deviceSecret = newSecret()
  await t.knownDevices.remember(current.id, { old: deviceHash, now: sha256(deviceSecret) }, realm.now())
  await t.knownDevices.keepNewest(current.id, DEVICES_OF_A_PERSON)
  const { session, secret } = await beginSession(realm, t, current, before)
  return { signedIn: { session, subject: current }, sessionSecret: secret, deviceSecret }
}

function refused(reason: RefusedLogin['reason'], throttledSeconds?: number): RefusedLogin {
  return { signedIn: false, reason, throttledSeconds }
}

/** A name or address has too little entropy for a plain hash: under a key, a stolen database does not tell who tried. */
function throttleKey(realm: Realm, parts: readonly string[]): string {
  return createHmac('sha256', realm.secrets.shortCodes)
    .update(JSON.stringify(['login failures', ...parts]))
    .digest('base64url')
}
