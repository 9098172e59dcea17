import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '@permitry/oauth'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'

/** Which clients must put a nonce of ours into their proofs (RFC 9449 §8). */
export type NoncePolicy = 'bound_clients' | 'always' | 'never'

/** A nonce is good in the slot of time in which it was given and in the next one: five to ten minutes. */
const SLOT_MS = 5 * 60_000

/**
 * A proof with a fresh nonce cannot have been made in advance. Clients that must use DPoP are asked for it, because they chose
 * the stricter way and know the retry; of others it would cost a round trip that many of them do not know.
 */
export function demandsNonce(realm: Realm, client: Client): boolean {
  return realm.dpopNonces === 'always' || (realm.dpopNonces === 'bound_clients' && client.dpopBound)
}

/** The nonce of now: a MAC over the slot, which nobody can foresee and every process of a tenant makes alike. Nothing is stored. */
export function currentNonce(realm: Realm): string {
  return nonceOf(realm, slotOf(realm))
}

/** Whether a nonce, attacker-controlled, was given in this slot or the one before. */
export function isRecentNonce(realm: Realm, nonce: string): boolean {
  const slot = slotOf(realm)
  return [slot, slot - 1].some((one) => equalInConstantTime(nonceOf(realm, one), nonce))
}

function slotOf(realm: Realm): number {
  return Math.floor(realm.now() / SLOT_MS)
}

function nonceOf(realm: Realm, slot: number): string {
  return createHmac('sha256', realm.secrets.dpopNonces).update(String(slot)).digest('base64url')
}
