// POST /register: clients register themselves (RFC 7591).
import { registerClient } from '../../commands/registration.ts'
import { runCommand } from '../../commands/run.ts'
import type { Http } from '../../http/endpoint.ts'
import { newId, newSecret, sha256 } from '../../keys/secrets.ts'
import type { Realm } from '../../realm.ts'
import type { RegisteredClient } from '../../store/repositories/registrations.ts'
import { admitRegistration } from './admit.ts'
import { answer, forbidden, refuse, tooMany } from './answer.ts'
import type { RegistrationFailure } from './checks.ts'
import { readJson } from './read-json.ts'
import { clientOf, hasSecret, isShared, readRegistration, type Registration, sharedKeyOf } from './registration.ts'

const HOUR = 3_600_000
/** A description may quote what was sent, and audit rows stay for good. */
const LONGEST_DESCRIPTION = 300

/**
 * Public clients that say the same share one client, which nobody can change. Whoever authenticates, or asks for it by
 * `manage_registration`, gets one of its own, with a token that changes and deletes it.
 */
export async function registrationEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  if (!realm.dynamicClients.registration)
    return forbidden(c, 'clients cannot register themselves here: ask the administrator to register this one')
  const sent = await readJson(c)
  if (!sent.ok) return refuse(c, sent.error)
  const allowedScopes = await realm.read((t) => t.registrations.allowedScopes())
  const registration = readRegistration(sent.value, allowedScopes, realm.dynamicClients)
  if (!registration.ok) {
    await auditRefusal(realm, registration.error)
    return refuse(c, registration.error)
  }
  return isShared(registration.value)
    ? registerShared(realm, c, registration.value)
    : registerOwn(realm, c, registration.value)
}

/** It has no id yet, and what it sent is a stranger's: the reason is what whoever runs this server can act on. */
async function auditRefusal(realm: Realm, { error, description }: RegistrationFailure): Promise<void> {
  const detail = { description: description.slice(0, LONGEST_DESCRIPTION) }
  await realm.unit((t) => t.auditRefused({ type: 'registration.refused', reason: error, detail }))
}

async function registerShared(realm: Realm, c: Http, registration: Registration): Promise<Response> {
  const sharedKey = sharedKeyOf(registration)
  const find = () => realm.read((t) => t.registrations.findShared(sharedKey))
  const known = await find()
  const living = known && isSoonForgotten(known, realm.now()) ? await renew(realm, known, find) : known
  if (living) return answer(realm, c, living, {}, 201)
  const refusal = await register(realm, c, { registration, id: newId('dcr'), sharedKey })
  if (refusal) return refusal
  // Another one may have been faster, and then its client is the one that all of them share.
  const made = await find()
  if (!made) throw new Error('the client that was just registered is gone')
  return answer(realm, c, made, {}, 201)
}

/** A client that nobody has consented to lives for a day, and that day should not end under who registered as it just now. */
function isSoonForgotten({ consented, createdAt }: RegisteredClient, now: number): boolean {
  return !consented && createdAt < now - HOUR
}

async function renew(
  realm: Realm,
  { client: { id } }: RegisteredClient,
  find: () => Promise<RegisteredClient | undefined>,
) {
  await realm.unit((t) => t.registrations.renew(id, realm.now()))
  return find()
}

async function registerOwn(realm: Realm, c: Http, registration: Registration): Promise<Response> {
  const id = newId('dcr')
  const secret = hasSecret(registration) ? newSecret('pcs_') : undefined
  const managementToken = newSecret('prm_')
  const refusal = await register(realm, c, { registration, id, secret, managementToken })
  if (refusal) return refusal
  const made = await realm.read((t) => t.registrations.find(id))
  if (!made) throw new Error('the client that was just registered is gone')
  return answer(realm, c, made, { secret, managementToken }, 201)
}

interface NewClient {
  readonly registration: Registration
  readonly id: string
  readonly secret?: string | undefined
  readonly managementToken?: string
  readonly sharedKey?: string
}

/** Answers why the client could not be registered, or undefined when it was. */
async function register(
  realm: Realm,
  c: Http,
  { registration, id, secret, managementToken, sharedKey }: NewClient,
): Promise<Response | undefined> {
  if (!(await admitRegistration(realm, c.env.clientAddress)))
    return tooMany(c, 'too many clients were registered from this address: try again in an hour')
  const done = await runCommand(realm.operatorFor({ kind: 'client', id }), registerClient, {
    client: clientOf(id, secret === undefined ? null : sha256(secret), registration),
    managementHash: managementToken === undefined ? null : sha256(managementToken),
    sharedKey: sharedKey ?? null,
    address: c.env.clientAddress,
  })
  if (done.ok) return undefined
  if (done.error.reason === 'full')
    return tooMany(c, 'too many clients were registered that nobody uses yet: try again in an hour')
  throw new Error(`registration failed: ${done.error.reason}`)
}
