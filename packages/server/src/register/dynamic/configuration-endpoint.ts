// GET, PUT and DELETE /register/{client_id}: clients read, change and delete themselves (RFC 7592).
import { equalInConstantTime } from '@permitry/oauth'
import { deregisterClient, replaceRegistration } from '../../commands/registration.ts'
import { runCommand } from '../../commands/run.ts'
import type { Http } from '../../http/endpoint.ts'
import { newSecret, sha256 } from '../../keys/secrets.ts'
import type { Realm } from '../../realm.ts'
import type { RegisteredClient } from '../../store/repositories/registrations.ts'
import { admitRegistration } from './admit.ts'
import { answer, forbidden, refuse, tooMany, unauthorized } from './answer.ts'
import { readJson } from './read-json.ts'
import { clientOf, hasSecret, readRegistration } from './registration.ts'
import { checkReplacement } from './replacement.ts'

/** RFC 7592 §2.1. */
export async function readClient(realm: Realm, c: Http): Promise<Response> {
  return withOwner(realm, c, (registered, managementToken) => answer(realm, c, registered, { managementToken }, 200))
}

/**
 * RFC 7592 §2.2: replaces all metadata. A new secret is made when a client that had none wants one; the management token
 * stays. What people consented to ends when codes or tokens would go elsewhere than then.
 */
export async function replaceClient(realm: Realm, c: Http): Promise<Response> {
  return withOwner(realm, c, async (registered, managementToken) => {
    const { client, managementHash } = registered
    const sent = await readJson(c)
    if (!sent.ok) return refuse(c, sent.error)
    const checked = checkReplacement(sent.value, client)
    if (!checked.ok) return refuse(c, checked.error)
    const allowedScopes = await realm.read((t) => t.registrations.allowedScopes())
    // Whoever has the token manages itself, also where it does not say so again.
    const asked = { ...(sent.value as object), manage_registration: true }
    const registration = readRegistration(asked, allowedScopes, realm.dynamicClients)
    if (!registration.ok) return refuse(c, registration.error)
    if (!(await admitRegistration(realm, c.env.clientAddress)))
      return tooMany(c, 'too many clients were registered or changed from this address: try again in an hour')

    const wantsSecret = hasSecret(registration.value)
    const secret = wantsSecret && client.secretHash === null ? newSecret('pcs_') : undefined
    const secretHash = secret === undefined ? client.secretHash : sha256(secret)
    const replaced = clientOf(client.id, wantsSecret ? secretHash : null, registration.value)
    const done = await runCommand(realm.operatorFor({ kind: 'client', id: client.id }), replaceRegistration, {
      client: replaced,
      managementHash,
    })
    if (!done.ok) return unauthorized(c, true)
    return answer(realm, c, { ...registered, client: replaced }, { secret, managementToken }, 200)
  })
}

/** RFC 7592 §2.3: the client goes, with everything that people granted to it. */
export async function deleteClient(realm: Realm, c: Http): Promise<Response> {
  return withOwner(realm, c, async ({ client: { id }, managementHash }) => {
    const done = await runCommand(realm.operatorFor({ kind: 'client', id }), deregisterClient, { id, managementHash })
    return done.ok ? c.body(null, 204) : unauthorized(c, true)
  })
}

/** Goes on for whoever has the token of the client, and for nobody else (RFC 7592 §2, §5). */
async function withOwner(
  realm: Realm,
  c: Http,
  proceed: (registered: RegisteredClient, managementToken: string) => Response | Promise<Response>,
): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (token === undefined) return unauthorized(c, false)
  const registered = await realm.read((t) => t.registrations.find(c.req.param('clientId') ?? ''))
  // A client that is shared has no token, and one that is not there has none either.
  if (!equalInConstantTime(sha256(token), registered?.managementHash ?? '') || !registered) return unauthorized(c, true)
  if (!registered.active) return forbidden(c, 'this client was suspended: ask the administrator')
  return proceed(registered, token)
}
