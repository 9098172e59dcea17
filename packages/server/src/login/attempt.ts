import { createHmac } from 'node:crypto'
import { err, ok, type Result } from '@permitry/oauth'
import { callerNetwork } from '../http/client-address.ts'
import { newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant, InUnit } from '../store/in-tenant.ts'
import { type Subject, usernameKey } from '../store/repositories/subjects.ts'
import { auditLogin } from './audit.ts'
import type { PasswordCheck } from './password.ts'
import { beginSession, type SignedIn } from './session.ts'
import { admit, type Counted, giveBack, type Limit } from './throttle.ts'

/** Slips of a person who half remembers a password cost no wait; an address may have an office behind it. */
const FREE_PER_ACCOUNT = 10
const FREE_PER_ADDRESS = 100
/** What a person may do again in a moment, when all hashing is busy. */
const BUSY_SECONDS = 5

/** What a caller is told whose password could not be hashed, because too many others are at it. */
export const BUSY: RefusedLogin = { signedIn: false, reason: 'busy', throttledSeconds: BUSY_SECONDS }

export const DEVICE_LIFETIME_MS = 180 * 24 * 3_600_000
const DEVICES_OF_A_PERSON = 20

/** An attempt to sign in: who it claims to be, and where it comes from. Everything here is attacker-controlled. */
export interface LoginAttempt {
  readonly username: string
  readonly clientAddress: string
  /** The secret that a browser got when somebody signed in on it. */
  readonly deviceSecret: string | undefined
  /** The application that asks for the login. */
  readonly clientId: string | undefined
}

/** An attempt whose password may be checked; it counts as failed until it is decided. */
export interface AdmittedAttempt extends LoginAttempt {
  /** Whoever has the name, suspended or not. */
  readonly person: Subject | undefined
  readonly counted: readonly Counted[]
}

export type CredentialFailure = 'name_unknown' | 'password_wrong' | 'person_suspended'

export interface RefusedLogin {
  readonly signedIn: false
  /** For the audit: the person is told no more than `throttledSeconds` says. */
  readonly reason: 'throttled' | 'busy' | CredentialFailure
  /** How long to wait; undefined when the credentials were checked and are not right. */
  readonly throttledSeconds: number | undefined
}

export interface AcceptedLogin {
  readonly signedIn: SignedIn
  readonly sessionSecret: string
  readonly deviceSecret: string
}

/**
 * First unit of a login: decides whether a password may be tried at all. Failures count per account and per address; on
 * a device where the person has signed in before they count for that person and device alone, so that strangers who
 * guess cannot lock the owner out, nor somebody at the same address. A name that nobody has is treated like any other.
 * A refusal leaves no audit event: it would let a stranger write without bound, and the failures that led to it are told.
 */
export async function admitLogin(
  realm: Realm,
  t: InTenant,
  attempt: LoginAttempt,
): Promise<AdmittedAttempt | RefusedLogin> {
  const person = await t.subjects.findByUsername(attempt.username)
  const admission = await admit(t, await limitsOf(realm, t, attempt, person), realm.now())
  if (!admission.admitted) return refused('throttled', admission.waitSeconds)
  return { ...attempt, person, counted: admission.counted }
}

/**
 * Second unit of a login: decides it, and writes all that a login changes with the event that tells of it. `before` is
 * the session that it ends.
 */
export async function decideLogin(
  realm: Realm,
  t: InUnit,
  attempt: AdmittedAttempt,
  check: PasswordCheck,
  before: SignedIn | undefined,
): Promise<AcceptedLogin | RefusedLogin> {
  if (check === 'busy') {
    await giveBack(t, attempt.counted)
    return refused('busy', BUSY_SECONDS)
  }
  const checked = await checkPerson(t, attempt, check)
  const decision = checked.ok ? await accept(realm, t, attempt, checked.value, before) : refused(checked.error)
  await auditLogin(t, attempt, decision, before)
  return decision
}

/**
 * In the place of `decideLogin` where somebody who is signed in shows to know the password: nothing begins or ends, and only a
 * refusal is told.
 */
export async function decideConfirmation(
  t: InUnit,
  attempt: AdmittedAttempt,
  check: PasswordCheck,
): Promise<'confirmed' | RefusedLogin> {
  if (check === 'busy') {
    await giveBack(t, attempt.counted)
    return refused('busy', BUSY_SECONDS)
  }
  const checked = await checkPerson(t, attempt, check)
  if (checked.ok) {
    await giveBack(t, attempt.counted)
    return 'confirmed'
  }
  const decision = refused(checked.error)
  await auditLogin(t, attempt, decision, undefined)
  return decision
}

async function checkPerson(
  t: InTenant,
  { person }: AdmittedAttempt,
  check: PasswordCheck,
): Promise<Result<Subject, CredentialFailure>> {
  if (!person) return err('name_unknown')
  if (check !== 'match') return err('password_wrong')
  // Hashing takes a while: who was suspended or given a new password meanwhile does not get in on the old one.
  const current = await t.subjects.hold(person.id)
  if (current?.password_hash !== person.password_hash) return err('password_wrong')
  return current?.status === 'active' ? ok(current) : err('person_suspended')
}

async function accept(
  realm: Realm,
  t: InTenant,
  { deviceSecret: oldSecret, counted }: AdmittedAttempt,
  subject: Subject,
  before: SignedIn | undefined,
): Promise<AcceptedLogin> {
  await giveBack(t, counted)
  const deviceSecret = newSecret()
  const device = { old: oldSecret === undefined ? undefined : sha256(oldSecret), now: sha256(deviceSecret) }
  await t.knownDevices.remember(subject.id, device, realm.now())
  await t.knownDevices.keepNewest(subject.id, DEVICES_OF_A_PERSON)
  const { session, secret } = await beginSession(realm, t, subject, before)
  return { signedIn: { session, subject }, sessionSecret: secret, deviceSecret }
}

async function limitsOf(
  realm: Realm,
  t: InTenant,
  { username, clientAddress, deviceSecret }: LoginAttempt,
  person: Subject | undefined,
): Promise<readonly Limit[]> {
  const account = usernameKey(username)
  const deviceHash = deviceSecret === undefined ? undefined : sha256(deviceSecret)
  const since = realm.now() - DEVICE_LIFETIME_MS
  // Asked for an unknown name too, so that the same work is done.
  if (deviceHash !== undefined && (await t.knownDevices.isKnown(person?.id ?? '', deviceHash, since)))
    return [{ key: throttleKey(realm, ['device', account, deviceHash]), free: FREE_PER_ACCOUNT }]
  return [
    { key: throttleKey(realm, ['account', account]), free: FREE_PER_ACCOUNT },
    { key: throttleKey(realm, ['address', callerNetwork(clientAddress)]), free: FREE_PER_ADDRESS },
  ]
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
