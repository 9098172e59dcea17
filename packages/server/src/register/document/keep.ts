import { createHmac } from 'node:crypto'
import { newId } from '../../keys/secrets.ts'
import type { Realm } from '../../realm.ts'
import type { InUnit } from '../../store/in-tenant.ts'
import type { Client } from '../../store/repositories/clients.ts'
import type { DynamicClient } from '../../store/repositories/dynamic-clients.ts'
import type { DocumentContent } from './read.ts'
import { documentHost } from './url.ts'

const DAY = 24 * 3_600_000
/** One maker has a few applications. Whoever owns a host can have any number of documents, and each leaves a row. */
const NEW_CLIENTS_PER_HOST = 100

const actor = { kind: 'system', id: 'client document' } as const

/** What a fetch brought, with how long it counts. */
export interface Kept extends DocumentContent {
  readonly url: string
  readonly freshUntil: number
  readonly etag: string | null
}

/** Makes the client of a good document, or brings it up to date. False when its host has too many new ones today. */
export async function keepDocument(realm: Realm, { url, metadata, text, freshUntil, etag }: Kept): Promise<boolean> {
  const hostKey = createHmac('sha256', realm.secrets.shortCodes)
    .update(JSON.stringify(['client documents of a host', documentHost(url)]))
    .digest('base64url')
  return realm.unit(async (t) => {
    const now = realm.now()
    const before = await t.clients.find(url)
    if (!before && (await t.rateCounts.count(hostKey, DAY, now)) > NEW_CLIENTS_PER_HOST) return false
    const stopped = (await t.clientDocuments.find(url))?.fault ?? null
    const client = { ...metadata, id: url, registration: 'cimd', secretHash: null, metadata: text } as const
    const isOurs = await t.dynamicClients.put({ ...client, scopes: metadata.scopes ?? null }, now)
    // An operator registered this very id while it was fetched: what the operator says counts.
    if (!isOurs) return true
    await t.clientDocuments.put(url, { freshUntil, etag, fault: null }, now)
    await auditKept(t, url, before, await t.clients.find(url))
    if (stopped !== null)
      await t.audit({ type: 'client.resumed', outcome: 'changed', actor, clientId: url, reason: 'document' })
    return true
  })
}

/** Notes that the document still stands as it was. */
export async function renewDocument(realm: Realm, url: string, freshUntil: number, etag: string): Promise<void> {
  await realm.unit(async (t) => {
    // It may have been forgotten while it was asked for; then the next request begins anew.
    if (await t.clients.find(url)) await t.clientDocuments.put(url, { freshUntil, etag, fault: null }, realm.now())
  })
}

/** Stops a client whose document is gone or invalid: no token any more, and guards refuse the living ones. */
export async function stopClient(realm: Realm, url: string, fault: string): Promise<void> {
  await realm.unit(async (t) => {
    const document = await t.clientDocuments.find(url)
    if (document?.fault !== null) return
    const now = realm.now()
    await t.revocations.revoke({ clientId: url }, newId('rev'), now)
    await t.clientDocuments.put(url, { freshUntil: 0, etag: null, fault }, now)
    await t.audit({ type: 'client.suspended', outcome: 'changed', actor, clientId: url, reason: fault })
  })
}

async function auditKept(t: InUnit, url: string, before: Client | undefined, after: Client | undefined): Promise<void> {
  if (!after) throw new Error('a client that was just stored is not there')
  const fields = FIELDS.filter((field) => JSON.stringify(before?.[field]) !== JSON.stringify(after[field]))
  if (before && fields.length === 0) return
  const detail = { change: before ? 'updated' : 'created', fields }
  await t.audit({ type: 'client.changed', outcome: 'changed', actor, clientId: url, detail })
}

const FIELDS = [
  'name',
  'applicationType',
  'authMethod',
  'jwks',
  'jwksUri',
  'redirectUris',
  'grantTypes',
] as const satisfies readonly (keyof Client & keyof DynamicClient)[]
