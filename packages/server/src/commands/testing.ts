import type { TestContext } from 'node:test'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { inTenant, type InTenant } from '../store/in-tenant.ts'
import type { EmptyDatabase } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import { apply, planApply } from './apply/apply.ts'
import type { Plan } from './apply/plan.ts'
import type { Command } from './command.ts'
import { runCommand, type Operator } from './run.ts'

/** The time at which every command of a test happens. */
const NOW = 1_800_000_000_000

/** An operator of two tenants on an empty database, bound to `default`. */
export async function openTestOperator(t: TestContext, emptyDatabase: EmptyDatabase): Promise<Operator> {
  const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
  return { store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: () => NOW }
}

/** Runs a command that is expected to work. */
export async function must<Input>(operator: Operator, command: Command<Input>, input: Input): Promise<string> {
  const done = await runCommand(operator, command, input)
  if (!done.ok) throw new Error(JSON.stringify(done.error))
  return done.value
}

export function read<T>({ store, tenant }: Operator, work: (t: InTenant) => Promise<T>): Promise<T> {
  return store.read((db) => work(inTenant(db, tenant)))
}

/** The audit of the operator's tenant in the order in which it was written. */
export async function auditOf({ store, tenant }: Operator) {
  const rows = await store.read((db) =>
    db.selectFrom('audit_events').selectAll().where('tenant', '=', tenant).orderBy('seq').execute(),
  )
  return rows.map((row) => ({ type: row.type, subject: row.subject_id, detail: JSON.parse(row.detail) as unknown }))
}

/** Who is refused from which epoch on, oldest first. */
export async function revocationsOf({ store, tenant }: Operator) {
  const rows = await store.read((db) =>
    db.selectFrom('revocations').selectAll().where('tenant', '=', tenant).orderBy('epoch').execute(),
  )
  return rows.map((row) => ({ epoch: row.epoch, of: row.subject_id ?? row.family_id ?? row.client_id }))
}

/** Reads a configuration whose first two lines are given. */
export function configOf(body: string): Config {
  const loaded = loadConfig(`version: 1\nissuer: http://localhost:9400\n${body}`, {
    environment: {},
    readFile: () => ({ problem: 'does not exist' }),
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
  return loaded.value
}

/** A clinic in the words of a configuration file: two scopes, three roles, a group, three people and two clients. */
export const CLINIC = `
servers:
  - id: vetassist
    identifier: mcp://vetassist
    name: VetAssist
    urls: [http://localhost:9401/mcp]
    default_scopes: [read]
    scopes:
      - { name: read, title: Read, risk: read }
      - { name: write, title: Write, risk: write, implies: [read] }
    tools:
      - { name: update_pet, scopes: [write] }
      - { name: list_pets, scopes: [read] }
roles:
  - { id: pet-owner, name: Pet Owner, scopes: { vetassist: [read] } }
  - { id: vet-staff, name: Vet Staff, scopes: { vetassist: [write, read] } }
groups:
  - { id: clinic, name: The clinic, roles: [vet-staff] }
users:
  - { id: usr_bob, username: bob, name: Bob, roles: [pet-owner] }
  - { id: usr_dana, username: dana, name: Dana, email: dana@example.com, groups: [clinic] }
  - { id: usr_carol, username: carol, name: Carol }
clients:
  - { id: app, name: App, auth: none, redirect_uris: [https://app.example/cb], servers: { vetassist: all } }
  - { id: other, name: Other, auth: none, redirect_uris: [https://other.example/cb], servers: { vetassist: [read] } }
`

/** Applies a configuration and fails when it cannot be applied. */
export async function applied(operator: Operator, body: string, prune = false): Promise<Plan> {
  const request = { config: configOf(body), prune }
  const done = await apply(operator, request, await planApply(operator, request))
  if (!done.ok) throw new Error(JSON.stringify(done.error))
  return done.value
}

/** Somebody signed in and consented: a living session, grant and family, named after the person. */
export async function consented(operator: Operator, subjectId: string, clientId = 'app'): Promise<void> {
  const { store, tenant } = operator
  const later = NOW + 3_600_000
  await store.unit(async (tx) => {
    const t = inTenant(tx, tenant)
    const signedIn = { subject_id: subjectId, auth_time: NOW, acr: '1', amr: '["pwd"]', created_at: NOW }
    const until = { idle_expires_at: later, absolute_expires_at: later }
    await t.sessions.add({ id: `ses_${subjectId}`, secret_hash: `hash_${subjectId}`, ...signedIn, ...until })
    const grant = {
      id: `gnt_${subjectId}`,
      subjectId,
      clientId,
      serverId: 'vetassist',
      scopes: ['read', 'write'],
      identityScopes: [],
    }
    await t.grants.put(
      {
        ...grant,
        redirectUri: 'https://app.example/cb',
        clientFingerprint: '',
        wording: '',
        catalogueVersion: 1,
        seenVersions: {},
      },
      NOW,
    )
    await t.families.add(
      {
        ...grant,
        id: `fam_${subjectId}`,
        grantId: grant.id,
        audience: 'mcp://vetassist',
        sessionId: `ses_${subjectId}`,
        nonce: null,
        authTime: NOW,
        acr: '1',
        amr: ['pwd'],
        boundKey: null,
        idleExpiresAt: later,
        absoluteExpiresAt: later,
      },
      NOW,
    )
  })
}

/** Which of a person's session, grant and family are living. */
export async function livingOf(operator: Operator, subjectId: string): Promise<string[]> {
  return read(operator, async (t) => {
    const session = await t.sessions.findLiving(`hash_${subjectId}`, NOW)
    const grant = await t.grants.findLivingById(`gnt_${subjectId}`)
    const family = await t.families.findLiving(`fam_${subjectId}`, NOW)
    return [session && 'session', grant && 'grant', family && 'family'].filter((name) => name !== undefined)
  })
}
