import { type InTenant, inTenant } from '../in-tenant.ts'
import type { DynamicClient } from '../repositories/dynamic-clients.ts'
import type { CatalogueItem } from '../repositories/catalogue.ts'
import type { StoredDecision } from '../repositories/decisions.ts'
import type { Store } from '../store.ts'
import { DAY, MINUTE, NOW, tellStory, unitIn } from './story.ts'

/** A browser at the console, below the session and the family of the story. */
export const CONSOLE_SESSION = {
  id: 'console',
  secret_hash: 'console-secret',
  subject_id: 'bob',
  session_id: 'session',
  family_id: 'family',
  tokens_sealed: 'sealed-tokens',
  tokens_expire_at: NOW + MINUTE,
  scopes: 'roles:write',
  created_at: NOW,
  absolute_expires_at: NOW + DAY,
}

/** A tenant with at least one row for everything that repositories keep. */
export async function holdEverything(store: Store, tenant: string): Promise<void> {
  await tellStory(store, tenant)
  await unitIn(store, tenant, async (t) => {
    await addOtherClients(t)
    await t.clientDocuments.put('https://notes.example/', { freshUntil: NOW + DAY, etag: '"1"', fault: null }, NOW)
    const picture = { digest: 'digest-of-logo', png: Buffer.from('picture') }
    await t.clientLogos.put('https://notes.example/', { logoUri: 'https://notes.example/logo.png', picture }, NOW)
    const url = 'https://vet.example/mcp'
    await t.db.insertInto('server_names').values({ tenant, name_key: url, name: url, server_id: 'vet' }).execute()
    await t.agents.put({ id: 'robot', name: 'Robot', owner: 'bob', roles: ['owner'] }, NOW)
    await t.agents.put({ id: 'stopped', name: 'Stopped', owner: null, roles: [] }, NOW)
    await t.subjectDefinitions.setStatus('stopped', 'suspended', NOW)
    await t.groups.put({ id: 'staff', name: 'Staff', roles: ['owner'] })
    await t.declarations.add({ kind: 'role', id: 'owner' })
    await t.spentIds.spend('spent-id', NOW + DAY)
    await t.setupLinks.add('setup-link', NOW + DAY)
    await t.consoleSessions.add(CONSOLE_SESSION)
    await t.idempotencyKeys.claim({ id: 'idempotency-key', request: 'request-hash' }, NOW + DAY, NOW)
    await t.rateCounts.count('counted', DAY, NOW)
    await t.loginFailures.lock('failed-name')
    await t.loginFailures.put('failed-name', { failures: 3, lastAt: NOW })
    await t.knownDevices.remember('bob', { old: undefined, now: 'device-one' }, NOW)
    await t.knownDevices.remember('bob', { old: undefined, now: 'device-two' }, NOW - MINUTE)
    await t.subjectDefinitions.setPasswordHash('bob', 'password-hash', NOW)
    await t.signingKeys.add({
      kid: 'key-of-access',
      purpose: 'access',
      alg: 'ES256',
      public_jwk: '{"kid":"key-of-access"}',
      private_sealed: 'sealed-key',
      created_at: NOW,
      signs_from: NOW - DAY,
      retired_at: null,
    })
    await t.revocations.revoke({ subjectId: 'bob' }, 'revocation', NOW)
    const stream = {
      id: 'stream',
      clientId: 'app',
      servers: ['vet'],
      description: 'first guard',
      events: ['urn:event'],
      after: { epoch: 0, id: '' },
      acked: ['acked-one'],
      verification: { id: 'verification', state: 'seen' },
      polledAt: NOW,
    }
    await t.signalStreams.add(stream, NOW)
    await t.signalStreams.add({ ...stream, id: 'stream-two', polledAt: NOW - MINUTE }, NOW)
    await t.catalogue.replaceItems('vet', [PUBLISHED])
    const change = { version: 2, kind: 'tool', name: 'list_pets', at: NOW, source: 'guard' } as const
    await t.catalogue.addChanges('vet', 2, [{ ...change, before: null, after: { title: 'List pets' } }])
    await t.decisions.add([DECISION])
    await addAudited(t)
  })
}

export const PUBLISHED: CatalogueItem = {
  kind: 'tool',
  name: 'list_pets',
  title: 'List pets',
  description: null,
  annotations: { readOnlyHint: true },
  scopes: ['pet-profile:read'],
  rule: {},
  source: 'guard',
}

export const DECISION: StoredDecision = {
  id: 'dec_of-a-call',
  serverId: 'vet',
  itemType: 'tool',
  itemName: 'list_pets',
  at: NOW,
  receivedAt: NOW,
  outcome: 'allow',
  reasons: ['allowed'],
  action: 'tools/call',
  subjectId: 'bob',
  clientId: 'app',
  familyId: 'family',
  tokenId: 'token',
  object: { type: 'pet', id: 'fido' },
  scopes: null,
  argumentsHmac: null,
  claimed: null,
  guardId: 'vet-guard',
}

async function addAudited({ db, tenant }: InTenant): Promise<void> {
  const stream = { tenant, id: 'audit-stream', started_at: NOW, checkpointed_seq: 0 }
  await db.insertInto('audit_streams').values(stream).execute()
  const about = { tenant, stream: stream.id, seq: 1, v: 1, at: NOW, type: 'login.succeeded', outcome: 'allowed' }
  await db
    .insertInto('audit_events')
    .values({ ...about, subject_id: 'bob', detail: '{}', prev: 'genesis', hash: 'hash-of-event' })
    .execute()
}

async function addOtherClients(t: InTenant): Promise<void> {
  const client: DynamicClient = {
    id: 'https://notes.example/',
    name: 'Notes',
    registration: 'cimd',
    applicationType: 'web',
    authMethod: 'none',
    secretHash: null,
    jwks: null,
    jwksUri: null,
    authSigningAlg: null,
    dpopBound: false,
    clientUri: null,
    logoUri: 'https://notes.example/logo.png',
    redirectUris: ['https://notes.example/callback'],
    postLogoutRedirectUris: [],
    grantTypes: ['authorization_code'],
    idTokenAlg: 'RS256',
    scopes: null,
    metadata: '{}',
  }
  await t.dynamicClients.put(client, NOW)
  const registered = { ...client, id: 'dcr_own', registration: 'dcr' as const }
  await t.registrations.add({ client: registered, managementHash: 'management-hash', sharedKey: null }, NOW)
  const common = { ...registered, id: 'dcr_shared' }
  await t.registrations.add({ client: common, managementHash: null, sharedKey: 'shared-key' }, NOW)
}

/** Every method of every repository, as `repository.method`. */
export function methodNames(): string[] {
  const repositories = Object.entries(inTenant({} as InTenant['db'], '')).filter(
    ([name, value]) => name !== 'db' && typeof value === 'object',
  )
  return repositories.flatMap(([name, methods]) => Object.keys(methods).map((method) => `${name}.${method}`))
}
