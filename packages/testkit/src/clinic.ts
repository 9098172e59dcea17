import { createHash } from 'node:crypto'
import { canonicalResource } from '@permitry/oauth'
import { hashPassword, type Store, usernameKey } from '@permitry/server'

export const VET_ASSIST = 'mcp://vetassist'
const tenant = 'default'
const scopes = [
  ['pet-profile:read', 'read', []],
  ['pet-profile:write', 'write', ['pet-profile:read']],
  ['appointments:read', 'read', []],
  ['appointments:write', 'write', ['appointments:read']],
] as const

export const people = { bob: 'usr_bob', carol: 'usr_carol', dana: 'usr_dana' } as const
export type Person = keyof typeof people
export const passwordOf = (person: Person): string => `${person}-vet-demo`

export const appSecret = 'a-secret-of-the-tests-that-nobody-else-uses'

/** Writes the vet clinic of the example into a store: two scopes, two roles, three people and two clients. */
export async function seedClinic(store: Store, mcpUrl: string): Promise<void> {
  const now = Date.now()
  const hashes = await Promise.all(
    (Object.keys(people) as Person[]).map(async (person) => [person, await hashPassword(passwordOf(person))] as const),
  )
  await store.unit(async (db) => {
    await db
      .insertInto('servers')
      .values({
        tenant,
        id: 'vetassist',
        identifier: VET_ASSIST,
        name: 'VetAssist',
        status: 'active',
        claims: '["roles"]',
        access_token_seconds: null,
        dynamic_scopes: null,
        catalogue_version: 1,
      })
      .execute()
    for (const name of [VET_ASSIST, mcpUrl])
      await db
        .insertInto('server_names')
        .values({ tenant, name_key: canonicalResource(name), name, server_id: 'vetassist' })
        .execute()
    for (const [position, [name, risk, implies]] of scopes.entries()) {
      await db
        .insertInto('scopes')
        .values({
          tenant,
          server_id: 'vetassist',
          name,
          title: name === 'pet-profile:write' ? 'Change pet profiles and medical records' : name,
          description: '',
          risk,
          implies: JSON.stringify(implies),
          is_default: position === 0 ? 1 : 0,
          position,
        })
        .execute()
    }
    await db
      .insertInto('roles')
      .values([
        { tenant, id: 'pet-owner', name: 'Pet Owner', description: '' },
        { tenant, id: 'vet-staff', name: 'Vet Staff', description: '' },
      ])
      .execute()
    await db
      .insertInto('role_scopes')
      .values([
        { tenant, role_id: 'pet-owner', server_id: 'vetassist', scope: 'pet-profile:read' },
        { tenant, role_id: 'pet-owner', server_id: 'vetassist', scope: 'appointments:write' },
        { tenant, role_id: 'vet-staff', server_id: 'vetassist', scope: 'pet-profile:read' },
        { tenant, role_id: 'vet-staff', server_id: 'vetassist', scope: 'pet-profile:write' },
      ])
      .execute()
    for (const [person, password_hash] of hashes) {
      await db
        .insertInto('subjects')
        .values({
          tenant,
          id: people[person],
          kind: 'person',
          username: person,
          username_key: usernameKey(person),
          name: person,
          email: `${person}@vet.example`,
          password_hash,
          status: 'active',
          created_at: now,
          updated_at: now,
        })
        .execute()
      await db
        .insertInto('subject_roles')
        .values({ tenant, subject_id: people[person], role_id: person === 'dana' ? 'vet-staff' : 'pet-owner' })
        .execute()
    }
    const client = {
      tenant,
      registration: 'registered',
      post_logout_redirect_uris: '[]',
      grant_types: '["authorization_code","refresh_token"]',
      id_token_alg: 'RS256',
      status: 'active',
      created_at: now,
      updated_at: now,
    } as const
    await db
      .insertInto('clients')
      .values([
        {
          ...client,
          id: 'vet-assist-ai',
          name: 'Vet Assist AI',
          application_type: 'web',
          auth_method: 'client_secret_basic',
          secret_hash: createHash('sha256').update(appSecret).digest('base64url'),
          redirect_uris: '["http://localhost:9402/callback"]',
        },
        {
          ...client,
          id: 'vet-assist-dev',
          name: 'Vet Assist Dev',
          application_type: 'native',
          auth_method: 'none',
          secret_hash: null,
          redirect_uris: JSON.stringify(
            ['127.0.0.1', '[::1]', 'localhost'].flatMap((host) => [
              `http://${host}/callback`,
              `http://${host}/oauth/callback`,
            ]),
          ),
        },
      ])
      .execute()
    await db
      .insertInto('client_servers')
      .values(
        ['vet-assist-ai', 'vet-assist-dev'].map((client_id) => ({
          tenant,
          client_id,
          server_id: 'vetassist',
          scopes: '"all"',
        })),
      )
      .execute()
  })
}
