// The logos of clients that nobody registered: fetched by us, drawn anew, served by us (CIMD §6.7), so that no browser
// tells a stranger who is about to consent.
import { setTimeout as wait } from 'node:timers/promises'
import { sha256 } from '../../keys/secrets.ts'
import type { Realm } from '../../realm.ts'
import type { Client } from '../../store/repositories/clients.ts'
import { redraw } from './redraw.ts'

const HOUR = 3_600_000
/** How long a picture is shown before its place is looked at again, and how long after a look that brought none. */
const FRESH_MS = 7 * 24 * HOUR
const RETRY_MS = HOUR
/** How long a page waits for a first look. The look itself goes on, and the next page has what it brings. */
const PATIENCE_MS = 500
const MAX_BYTES = 262_144

/** The digest of the picture to show for a client; undefined for whoever an operator registered, and when there is none. */
export async function logoOf(realm: Realm, client: Client): Promise<string | undefined> {
  const { id, logoUri, registration } = client
  if (registration === 'registered' || logoUri === null) return undefined
  const last = await realm.read((t) => t.clientLogos.find(id))
  const kept = last?.logoUri === logoUri ? last : undefined
  if (kept && realm.now() - kept.fetchedAt < (kept.digest === null ? RETRY_MS : FRESH_MS))
    return kept.digest ?? undefined
  const look = lookOnce(realm, id, logoUri)
  return kept?.digest ?? Promise.race([look, wait(PATIENCE_MS, undefined, { ref: false })])
}

function lookOnce(realm: Realm, clientId: string, logoUri: string): Promise<string | undefined> {
  const key = JSON.stringify([clientId, logoUri])
  const underWay = realm.logoFlights.get(key)
  if (underWay) return underWay
  const flight = look(realm, clientId, logoUri)
    // A logo that cannot be had, for whatever reason, is one that is not shown: no login hangs on it.
    .catch(() => undefined)
    .finally(() => realm.logoFlights.delete(key))
  realm.logoFlights.set(key, flight)
  return flight
}

async function look(realm: Realm, clientId: string, logoUri: string): Promise<string | undefined> {
  const got = await realm.outbound.get(logoUri, { accept: 'image/png, image/jpeg', maxBytes: MAX_BYTES })
  // That says nothing of the logo: the next page looks again.
  if (!got.ok && got.error.reason === 'busy') return undefined
  const png = got.ok && got.value.status === 200 ? await redraw(got.value.body) : undefined
  const picture = png ? { png, digest: sha256(Buffer.from(png).toString('base64')) } : null
  await realm.unit((t) => t.clientLogos.put(clientId, { logoUri, picture }, realm.now()))
  return picture?.digest
}
