// Who takes part besides the vet clinic: clients and MCP servers with the properties that a requirement turns on.
import { createHash } from 'node:crypto'
import { canonicalResource } from '@permitry/oauth'
import type { Store } from '@permitry/server'
import { people } from '@permitry/testkit'
import { clientKeys } from './client-keys.ts'

const tenant = 'default'

/** A second MCP server with scopes of its own; the people of the clinic may read there and book. */
export const KENNEL = 'https://kennel.example.com/mcp'
/** An MCP server that no client may ask for. */
export const ARCHIVE = 'mcp://archive'
/** The secret of each confidential client here. */
export const SECRET = 'f7R:+ a%secret&with=signs'

export const CALLBACK = 'https://app.example.com/callback'

interface ClientRow {
  readonly id: string
  readonly auth_method?: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** Names of keys in client-keys.ts. */
  readonly keys?: readonly (keyof typeof clientKeys)[]
  readonly auth_signing_alg?: string
  readonly application_type?: 'web' | 'native'
  readonly registration?: 'registered' | 'cimd' | 'dcr'
  readonly redirect_uris?: readonly string[]
  readonly post_logout_redirect_uris?: readonly string[]
  readonly grant_types?: readonly string[]
  readonly id_token_alg?: 'RS256' | 'ES256' | 'EdDSA' | 'Ed25519'
  readonly dpop_bound?: 0 | 1
  readonly status?: 'active' | 'suspended'
  /** Scopes by MCP server. */
  readonly servers?: Readonly<Record<string, 'all' | readonly string[]>>
  /** MCP servers that ask through it. */
  readonly guards?: readonly string[]
  /** As whom it acts by client_credentials. */
  readonly agent?: { readonly roles: readonly string[]; readonly owner?: string } | undefined
}

/** A client that acts for itself, unless changed. */
const job: Omit<ClientRow, 'id'> = {
  auth_method: 'client_secret_basic',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  agent: { roles: ['vet-staff'] },
}

const clients: readonly ClientRow[] = [
  { id: 'posting-app', auth_method: 'client_secret_post', post_logout_redirect_uris: ['https://app.example.com/bye'] },
  { id: 'other-app', auth_method: 'client_secret_basic' },
  { id: 'two-servers', servers: { vetassist: 'all', kennel: 'all' } },
  { id: 'reader', servers: { vetassist: ['pet-profile:read'] } },
  { id: 'without-refresh', grant_types: ['authorization_code'] },
  { id: 'without-code', grant_types: ['refresh_token'] },
  { id: 'suspended-app', auth_method: 'client_secret_basic', status: 'suspended' },
  { id: 'self-registered', registration: 'dcr' },
  { id: 'with-query', redirect_uris: [`${CALLBACK}?tenant=a%20b`] },
  { id: 'exact', redirect_uris: [CALLBACK, 'http://localhost:9402/callback', 'http://localhost/free-port'] },
  {
    id: 'editor',
    application_type: 'native',
    redirect_uris: ['cursor://anysphere.cursor/oauth', 'http://127.0.0.1/callback'],
  },
  { id: 'es256-app', id_token_alg: 'ES256' },
  { id: 'eddsa-app', id_token_alg: 'EdDSA' },
  { id: 'ed25519-app', id_token_alg: 'Ed25519' },
  {
    ...job,
    id: 'jwt-app',
    auth_method: 'private_key_jwt',
    keys: ['p256', 'other', 'p384', 'p521', 'ed25519', 'rsa'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [CALLBACK],
  },
  { ...job, id: 'ps256-app', auth_method: 'private_key_jwt', keys: ['rsa'], auth_signing_alg: 'PS256' },
  { ...job, id: 'one-key-app', auth_method: 'private_key_jwt', keys: ['p256'] },
  { ...job, id: 'publishing-app', auth_method: 'private_key_jwt' },
  { ...job, id: 'job' },
  { ...job, id: 'owned-job', agent: { roles: ['vet-staff'], owner: people.carol } },
  { ...job, id: 'reading-job', agent: { roles: ['pet-owner'] } },
  { ...job, id: 'roleless-job', agent: { roles: [] } },
  { ...job, id: 'public-job', auth_method: 'none' },
  { ...job, id: 'self-registered-job', registration: 'dcr' },
  { ...job, id: people.dana, agent: undefined },
  { ...job, id: 'vet-server', grant_types: [], agent: undefined, servers: {}, guards: ['vetassist'] },
  { ...job, id: 'kennel-server', grant_types: [], agent: undefined, servers: {}, guards: ['kennel'] },
  { id: 'bound-app', dpop_bound: 1 },
]

const servers = [
  { id: 'kennel', name: 'Kennel', identifier: KENNEL, scopes: ['kennel:read', 'kennel:book'] },
  { id: 'archive', name: 'Archive', identifier: ARCHIVE, scopes: ['archive:read'] },
]

/** Writes them into the store of a stack. */
export async function addParties(store: Store): Promise<void> {
  const now = Date.now()
  await store.unit(async (db) => {
    for (const { id, name, identifier, scopes } of servers) {
      await db
        .insertInto('servers')
        .values({
          tenant,
          id,
          identifier,
          name,
          status: 'active',
          claims: '[]',
          access_token_seconds: 1200,
          dynamic_scopes: null,
          catalogue_version: 1,
        })
        .execute()
      await db
        .insertInto('server_names')
        .values({ tenant, name_key: canonicalResource(identifier), name: identifier, server_id: id })
        .execute()
      for (const [position, scope] of scopes.entries()) {
        await db
          .insertInto('scopes')
          .values({
            tenant,
            server_id: id,
            name: scope,
            title: scope,
            description: '',
            risk: 'read',
            implies: '[]',
            is_default: position === 0 ? 1 : 0,
            position,
          })
          .execute()
        await db.insertInto('role_scopes').values({ tenant, role_id: 'pet-owner', server_id: id, scope }).execute()
      }
    }
    for (const client of clients) {
      const { id, auth_method = 'none', servers: own = { vetassist: 'all' } } = client
      await db
        .insertInto('clients')
        .values({
          tenant,
          id,
          name: id,
          registration: client.registration ?? 'registered',
          application_type: client.application_type ?? 'web',
          auth_method,
          jwks: client.keys ? JSON.stringify({ keys: client.keys.map((name) => clientKeys[name].publicJwk) }) : null,
          auth_signing_alg: client.auth_signing_alg ?? null,
          guards: JSON.stringify(client.guards ?? []),
          secret_hash: !auth_method.startsWith('client_secret')
            ? null
            : createHash('sha256').update(SECRET).digest('base64url'),
          redirect_uris: JSON.stringify(client.redirect_uris ?? [CALLBACK]),
          post_logout_redirect_uris: JSON.stringify(client.post_logout_redirect_uris ?? []),
          grant_types: JSON.stringify(client.grant_types ?? ['authorization_code', 'refresh_token']),
          id_token_alg: client.id_token_alg ?? 'RS256',
          dpop_bound: client.dpop_bound ?? 0,
          status: client.status ?? 'active',
          created_at: now,
          updated_at: now,
        })
        .execute()
      for (const [server_id, scopes] of Object.entries(own))
        await db
          .insertInto('client_servers')
          .values({ tenant, client_id: id, server_id, scopes: JSON.stringify(scopes) })
          .execute()
      if (!client.agent) continue
      const { roles, owner: owner_id = null } = client.agent
      await db
        .insertInto('subjects')
        .values({
          tenant,
          id,
          kind: 'agent',
          name: id,
          owner_id,
          status: 'active',
          created_at: now,
          updated_at: now,
        })
        .execute()
      for (const role_id of roles)
        await db.insertInto('subject_roles').values({ tenant, subject_id: id, role_id }).execute()
    }
  })
}
