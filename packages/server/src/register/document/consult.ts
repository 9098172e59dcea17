import { err, ok, type Result } from '@permitry/oauth'
import { type AddressLimit, isWithinLimit } from '../../http/address-limit.ts'
import type { Http } from '../../http/endpoint.ts'
import type { Realm } from '../../realm.ts'
import type { ClientDocument } from '../../store/repositories/client-documents.ts'
import { isHostTrusted } from '../policy.ts'
import { freshUntil } from './freshness.ts'
import { judge } from './judge.ts'
import { keepDocument, renewDocument, stopClient } from './keep.ts'
import type { DocumentFailure, Standing } from './standing.ts'
import { isDocumentUrl } from './url.ts'

/** Recommended by CIMD §6.6. */
const MAX_BYTES = 5 * 1024
const GRACE_MS = 24 * 3_600_000

/** Documents of clients that nobody consented to. A person begins with a handful, an office with dozens, a flood with thousands. */
export const DOCUMENTS_OF_AN_ADDRESS: AddressLimit = {
  what: 'client documents',
  most: 60,
  windowMs: 3_600_000,
}

/**
 * Brings the row of a client up to date with its metadata document, before the unit that reads it (CIMD §4). All that
 * comes after knows one kind of client. Does nothing for a `client_id` that is no document URL, or that an operator
 * registered. `introduces`: a client that is not known yet may become known, since a person is to be asked.
 */
export async function consultDocument(
  realm: Realm,
  c: Http,
  clientId: string,
  { introduces }: { readonly introduces: boolean },
): Promise<Result<Standing, DocumentFailure>> {
  if (!isDocumentUrl(clientId, realm.onLoopback)) return ok('current')
  const { client, document } = await realm.read(async (t) => ({
    client: await t.clients.find(clientId),
    document: await t.clientDocuments.find(clientId),
  }))
  if (client ? client.registration !== 'cimd' : !introduces) return ok('current')
  const { hostname } = new URL(clientId)
  if (!realm.dynamicClients.documents || !isHostTrusted(realm.dynamicClients, hostname))
    return err({ reason: 'not_trusted', detail: `documents of ${hostname} are not taken here` })

  const now = realm.now()
  if (document?.fault === null) {
    // Inactive without a fault: an operator suspended it, and no document brings it back.
    if (client?.active === false || document.freshUntil > now) return ok('current')
    if (realm.documentFlights.isPaused(clientId, now)) return withoutFetch(document, now, 'its host was down just now')
  }
  // Counted for each caller and before the fetch is shared, so that nobody is refused for what others began.
  const isKnownWell = document?.consented === true && document.fault === null
  if (!isKnownWell && !(await realm.unit((t) => isWithinLimit(realm, t, c, DOCUMENTS_OF_AN_ADDRESS))))
    return err({ reason: 'limited', detail: 'this network began with too many applications within an hour' })
  return realm.documentFlights.join(clientId, () => update(realm, clientId))
}

async function update(realm: Realm, url: string): Promise<Result<Standing, DocumentFailure>> {
  const now = realm.now()
  // Read anew: another flight may have landed since this caller looked.
  const known = await realm.read((t) => t.clientDocuments.find(url))
  if (known?.fault === null && known.freshUntil > now) return ok('current')
  const etag = known?.fault === null ? known.etag : null
  const options = { accept: 'application/json', maxBytes: MAX_BYTES, ...(etag === null ? {} : { etag }) }
  const judged = judge(url, await realm.outbound.get(url, options), etag !== null, realm.dynamicClients)
  switch (judged.verdict) {
    case 'good': {
      const kept = { ...judged.content, url, freshUntil: freshUntil(judged.headers, now) }
      return (await keepDocument(realm, { ...kept, etag: judged.headers.get('etag') }))
        ? ok('current')
        : err({ reason: 'limited', detail: 'its host has too many new applications today' })
    }
    case 'unchanged':
      await renewDocument(realm, url, freshUntil(judged.headers, now), etag ?? '')
      return ok('current')
    case 'gone':
    case 'invalid':
      if (known) await stopClient(realm, url, `${judged.verdict}: ${judged.detail}`)
      return err({ reason: judged.verdict, detail: judged.detail })
    case 'unavailable':
      if (known) realm.documentFlights.pause(url, now)
      return withoutFetch(known, now, judged.detail)
    case 'refused':
      return err({ reason: 'refused', detail: judged.detail })
  }
}

/** A host that is down stops nobody for a day (ADR 0007); a document with a fault never serves. */
function withoutFetch(
  known: ClientDocument | undefined,
  now: number,
  detail: string,
): Result<Standing, DocumentFailure> {
  const isUsable = known?.fault === null && now < known.freshUntil + GRACE_MS
  return isUsable ? ok('stale') : err({ reason: 'unavailable', detail })
}
