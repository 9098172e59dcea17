import { createHmac } from 'node:crypto'
import type { Realm } from '../realm.ts'
import type { InUnit } from '../store/in-tenant.ts'
import { callerNetwork } from './client-address.ts'
import type { Http } from './endpoint.ts'

/** How often one caller may do something that leaves a row behind before anybody is known. */
export interface AddressLimit {
  readonly what: string
  readonly most: number
  readonly windowMs: number
}

/** Counts one more for the caller's address, and says whether that is still within the limit. */
export async function isWithinLimit(realm: Realm, t: InUnit, c: Http, limit: AddressLimit): Promise<boolean> {
  const address = callerNetwork(c.env.clientAddress)
  // An address has too little entropy for a plain hash: under a key, a stolen database does not tell who came.
  const key = createHmac('sha256', realm.secrets.shortCodes)
    .update(JSON.stringify([limit.what, address]))
    .digest('base64url')
  return (await t.rateCounts.count(key, limit.windowMs, realm.now())) <= limit.most
}
