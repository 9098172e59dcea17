import { sign } from '../keys/signer.ts'
import type { Realm } from '../realm.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import type { SignalEvent } from './events.ts'

/**
 * Signs events as Security Event Tokens (RFC 8417 §2.2) for one receiver, by their ids. Neither `sub` nor `exp`, and a `typ` of
 * their own: a SET must not be taken for a token (SSF 1.0 §10.1).
 */
export async function signEvents(
  realm: Realm,
  audience: string,
  events: readonly SignalEvent[],
): Promise<Record<string, string>> {
  if (events.length === 0) return {}
  const now = realm.now()
  const key = await realm.read((t) => t.signingKeys.current('signals', 'ES256', now))
  if (!key) throw new Error('the tenant has no key for signals')
  const issued = { iss: realm.issuer, aud: audience, iat: Math.floor(now / 1000) }
  return Object.fromEntries(await Promise.all(events.map((event) => signEvent(realm, key, issued, event))))
}

async function signEvent(
  realm: Realm,
  key: SigningKey,
  issued: Readonly<Record<string, unknown>>,
  { id, type, subject, payload }: SignalEvent,
): Promise<[id: string, set: string]> {
  const claims = { ...issued, jti: id, sub_id: { ...subject }, events: { [type]: payload } }
  return [id, await sign(realm, key, { typ: 'secevent+jwt' }, claims)]
}
