import { inTenant, type InTenant } from '../in-tenant.ts'
import type { Grant } from '../repositories/grants.ts'
import type { Store } from '../store.ts'

/** When the story of the contract tests takes place, and how long its records live. */
export const NOW = Date.UTC(2026, 10, 24, 12)
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

/** Runs a unit in one tenant, as a realm does. */
export function unitIn<T>(store: Store, tenant: string, work: (t: InTenant) => Promise<T>): Promise<T> {
  return store.unit((tx) => work(inTenant(tx, tenant)))
}

export function readIn<T>(store: Store, tenant: string, work: (t: InTenant) => Promise<T>): Promise<T> {
  return store.read((db) => work(inTenant(db, tenant)))
}

/** Bob lets Vet Assist AI read pet profiles: one row of everything that it takes, each under the same ids in every tenant. */
export async function tellStory(store: Store, tenant: string): Promise<void> {
  await unitIn(store, tenant, async (t) => {
    await addRegistrations(t)
    await t.requests.add(
      { id: 'request', browserHash: 'browser', clientId: 'app', parameters: '{}', expiresAt: NOW + 10 * MINUTE },
      NOW,
    )
    await t.sessions.add({
      id: 'session',
      secret_hash: 'session-secret',
      subject_id: 'bob',
      auth_time: NOW,
      acr: '1',
      amr: '["pwd"]',
      created_at: NOW,
      idle_expires_at: NOW + DAY,
      absolute_expires_at: NOW + 30 * DAY,
    })
    await t.grants.put(consent('grant'), NOW)
    await addFamily(t, 'family')
    await t.codes.add(
      {
        hash: 'code',
        familyId: 'family',
        clientId: 'app',
        redirectUri: 'https://app.example/callback',
        challenge: 'challenge',
        resource: 'mcp://vetassist',
        expiresAt: NOW + MINUTE,
        boundKey: null,
      },
      NOW,
    )
    await t.refreshTokens.add('refresh', 'family', NOW)
  })
}

/** What Bob has consented to, under an id that counts when there is no living grant yet. */
export function consent(id: string): Grant {
  return {
    id,
    subjectId: 'bob',
    clientId: 'app',
    serverId: 'vet',
    scopes: ['pet-profile:read'],
    identityScopes: [],
    redirectUri: 'https://app.example/callback',
    clientFingerprint: 'fingerprint',
    wording: 'Read pet profiles',
    catalogueVersion: 1,
    seenVersions: {},
  }
}

export async function addFamily(t: InTenant, id: string): Promise<void> {
  const family = {
    id,
    grantId: 'grant',
    subjectId: 'bob',
    clientId: 'app',
    serverId: 'vet',
    audience: 'mcp://vetassist',
    scopes: ['pet-profile:read'],
    identityScopes: [],
    sessionId: 'session',
    nonce: null,
    authTime: NOW,
    acr: '1',
    amr: ['pwd'],
    boundKey: null,
    idleExpiresAt: NOW + 14 * DAY,
    absoluteExpiresAt: NOW + 90 * DAY,
  }
  await t.families.add(family, NOW)
}

/** What an administrator has declared: a person in a group, a server with a scope, a role that holds it, a client. */
async function addRegistrations({ db, tenant }: InTenant): Promise<void> {
  await addSubject({ db, tenant }, 'bob', 'Bob')
  await db.insertInto('groups').values({ tenant, id: 'owners', name: 'Owners' }).execute()
  await db.insertInto('group_members').values({ tenant, group_id: 'owners', subject_id: 'bob' }).execute()
  await db
    .insertInto('servers')
    .values({
      tenant,
      id: 'vet',
      identifier: 'mcp://vetassist',
      name: 'VetAssist',
      status: 'active',
      claims: '[]',
      access_token_seconds: null,
      dynamic_scopes: null,
      catalogue_version: 1,
    })
    .execute()
  await db
    .insertInto('server_names')
    .values({ tenant, name_key: 'mcp://vetassist', name: 'mcp://vetassist', server_id: 'vet' })
    .execute()
  await db
    .insertInto('scopes')
    .values({
      tenant,
      server_id: 'vet',
      name: 'pet-profile:read',
      title: 'Read pet profiles',
      description: '',
      risk: 'read',
      implies: '[]',
      is_default: 1,
      position: 0,
    })
    .execute()
  await db
    .insertInto('tools')
    .values({ tenant, server_id: 'vet', name: 'list_pets', title: 'List pets', scopes: '["pet-profile:read"]' })
    .execute()
  await db.insertInto('roles').values({ tenant, id: 'owner', name: 'Pet Owner', description: '' }).execute()
  await db
    .insertInto('role_scopes')
    .values({ tenant, role_id: 'owner', server_id: 'vet', scope: 'pet-profile:read' })
    .execute()
  await db.insertInto('subject_roles').values({ tenant, subject_id: 'bob', role_id: 'owner' }).execute()
  await db.insertInto('group_roles').values({ tenant, group_id: 'owners', role_id: 'owner' }).execute()
  await db
    .insertInto('clients')
    .values({
      tenant,
      id: 'app',
      name: 'Vet Assist AI',
      registration: 'registered',
      application_type: 'web',
      auth_method: 'client_secret_basic',
      secret_hash: 'secret',
      redirect_uris: '["https://app.example/callback"]',
      post_logout_redirect_uris: '[]',
      grant_types: '["authorization_code","refresh_token"]',
      id_token_alg: 'RS256',
      status: 'active',
      created_at: NOW,
      updated_at: NOW,
    })
    .execute()
  await db
    .insertInto('client_servers')
    .values({ tenant, client_id: 'app', server_id: 'vet', scopes: '"all"' })
    .execute()
}

export async function addSubject(
  { db, tenant }: Pick<InTenant, 'db' | 'tenant'>,
  id: string,
  username: string,
): Promise<void> {
  await db
    .insertInto('subjects')
    .values({
      tenant,
      id,
      kind: 'person',
      username,
      username_key: username.toLowerCase(),
      name: username,
      email: null,
      password_hash: null,
      status: 'active',
      created_at: NOW,
      updated_at: NOW,
    })
    .execute()
}
