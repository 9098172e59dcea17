import { equalInConstantTime } from '@permitry/oauth'
import { base64url } from '../digest.ts'

/** A nonce is good in the slot of time in which it was given and in the next one: five to ten minutes. */
const SLOT_MS = 5 * 60_000

/** Nonces for proofs (RFC 9449 §8): MACs over the slot of time, so that processes with one key make the same, and store nothing. */
export interface Nonces {
  readonly current: () => Promise<string>
  /** The check of nonces, which are attacker-controlled, as of now. */
  readonly recent: () => Promise<(nonce: string) => boolean>
}

export function createNonces(key: Uint8Array, clock: () => number): Nonces {
  // A copy: `subtle` takes no view on memory that others could change meanwhile.
  const bytes = new Uint8Array(key)
  const imported = crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const made = new Map<number, Promise<string>>()

  function nonceOf(slot: number): Promise<string> {
    const known = made.get(slot)
    if (known !== undefined) return known
    made.clear()
    const nonce = imported
      .then((mac) => crypto.subtle.sign('HMAC', mac, new TextEncoder().encode(`permitry dpop nonce ${slot}`)))
      .then(base64url)
    made.set(slot, nonce)
    return nonce
  }

  const slotOfNow = (): number => Math.floor(clock() / SLOT_MS)

  return {
    current: () => nonceOf(slotOfNow()),
    async recent() {
      const slot = slotOfNow()
      const good = [await nonceOf(slot - 1), await nonceOf(slot)]
      return (nonce) => good.some((one) => equalInConstantTime(one, nonce))
    },
  }
}
