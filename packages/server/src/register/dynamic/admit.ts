import { createHmac } from 'node:crypto'
import { callerNetwork } from '../../http/client-address.ts'
import type { Realm } from '../../realm.ts'

/** An address may have an office behind it, and clients that look alike are one: this is for new ones and for changes. */
const PER_NETWORK = 60
const WINDOW_MS = 3_600_000

/** How long whoever was refused should wait: at most until the window of the address is over. */
export const WAIT_SECONDS = WINDOW_MS / 1000

/** Counts a registration for the network that it comes from, an IPv6 /64 as one; false when there were too many lately. */
export async function admitRegistration(realm: Realm, address: string): Promise<boolean> {
  const key = createHmac('sha256', realm.secrets.shortCodes)
    .update(JSON.stringify(['registration', callerNetwork(address)]))
    .digest('base64url')
  const count = await realm.unit((t) => t.rateCounts.count(key, WINDOW_MS, realm.now()))
  return count <= PER_NETWORK
}
