// What group commit is worth: refresh token rotations a second, one at a time and 32 at once, on durable storage.
//   npm run bench:store                     SQLite in a temporary folder
//   npm run bench:store -- postgres://…     an empty PostgreSQL database
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateStore, openStore, type Store } from '@permitry/server'

const ROUNDS = 5
const ROUND_MS = 2_000
const CALLERS = 32

const [postgres] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'permitry-bench-'))
const url = postgres ?? join(folder, 'bench.db')
await migrateStore({ url })
const store = await openStore({ url })
try {
  const tokens = await seed(store)
  await rotationsASecond(store, tokens)
  const ratios: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    // Interleaved, because such machines change their speed from one second to the next.
    const singly = await rotationsASecond(store, tokens.slice(0, 1))
    const grouped = await rotationsASecond(store, tokens)
    ratios.push(grouped / singly)
    console.log(`round ${round}: ${singly.toFixed(0)} a second singly, ${grouped.toFixed(0)} with ${CALLERS} at once`)
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
  console.log(`grouped / singly, median of ${ROUNDS} rounds: ${median.toFixed(2)}`)
} finally {
  await store.close()
  await rm(folder, { recursive: true })
}

/** One family for each caller; returns their living tokens, in boxes so that each caller keeps its newest. */
async function seed(target: Store): Promise<{ family: string; token: string }[]> {
  const at = Date.now()
  const tenant = 'default'
  await target.unit(async (tx) => {
    await tx
      .insertInto('tenants')
      .values({ id: tenant, name: 'Bench', epoch: 0, status: 'active', created_at: at })
      .execute()
    const subject = {
      tenant,
      id: 'bob',
      kind: 'person',
      name: 'Bob',
      status: 'active',
      created_at: at,
      updated_at: at,
    } as const
    await tx
      .insertInto('subjects')
      .values({ ...subject, username: null, username_key: null, email: null, password_hash: null })
      .execute()
    const client = {
      tenant,
      id: 'app',
      name: 'App',
      registration: 'registered',
      application_type: 'web',
      auth_method: 'none',
    } as const
    const lists = { redirect_uris: '[]', post_logout_redirect_uris: '[]', grant_types: '[]' }
    await tx
      .insertInto('clients')
      .values({
        ...client,
        ...lists,
        secret_hash: null,
        id_token_alg: 'RS256',
        status: 'active',
        created_at: at,
        updated_at: at,
      })
      .execute()
    const grant = {
      tenant,
      id: 'grant',
      subject_id: 'bob',
      client_id: 'app',
      server_id: 'vet',
      scopes: '[]',
      identity_scopes: '[]',
    }
    const shown = { redirect_uri: 'https://app.example', client_fingerprint: '', wording: '', catalogue_version: 1 }
    await tx
      .insertInto('grants')
      .values({ ...grant, ...shown, created_at: at, updated_at: at, ended_at: null })
      .execute()
  })
  return Promise.all(
    Array.from({ length: CALLERS }, async (_, index) => {
      const family = `family-${index}`
      const token = randomUUID()
      await target.unit(async (tx) => {
        const bound = { tenant, id: family, grant_id: 'grant', subject_id: 'bob', client_id: 'app', server_id: 'vet' }
        const facts = {
          audience: 'mcp://vetassist',
          scopes: '[]',
          identity_scopes: '[]',
          acr: '1',
          amr: '[]',
          auth_time: at,
        }
        const open = { session_id: null, nonce: null, bound_key: null, ended_at: null, ended_reason: null }
        const times = { created_at: at, idle_expires_at: at, absolute_expires_at: at }
        await tx
          .insertInto('families')
          .values({ ...bound, ...facts, ...open, ...times })
          .execute()
        await tx
          .insertInto('refresh_tokens')
          .values(freshToken(family, token, at))
          .execute()
      })
      return { family, token }
    }),
  )
}

/** As many callers as there are tokens, each rotating its own again and again. */
async function rotationsASecond(target: Store, tokens: { family: string; token: string }[]): Promise<number> {
  const startedAt = performance.now()
  let rotations = 0
  await Promise.all(
    tokens.map(async (box) => {
      while (performance.now() - startedAt < ROUND_MS) {
        box.token = await rotate(target, box.family, box.token)
        rotations++
      }
    }),
  )
  return rotations / ((performance.now() - startedAt) / 1000)
}

/** The statements of a refresh without its mint: find, spend, add the successor, extend the family. */
async function rotate(target: Store, family: string, token: string): Promise<string> {
  const successor = randomUUID()
  const at = Date.now()
  await target.unit(async (tx) => {
    await tx
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('tenant', '=', 'default')
      .where('hash', '=', token)
      .executeTakeFirst()
    const spent = await tx
      .updateTable('refresh_tokens')
      .set({ consumed_at: at, consumed_for: 'bench', successor_sealed: 'sealed' })
      .where('tenant', '=', 'default')
      .where('hash', '=', token)
      .where('consumed_at', 'is', null)
      .executeTakeFirst()
    if (spent.numUpdatedRows !== 1n) throw new Error('a token was spent twice')
    await tx
      .insertInto('refresh_tokens')
      .values(freshToken(family, successor, at))
      .execute()
    await tx
      .updateTable('families')
      .set({ idle_expires_at: at })
      .where('tenant', '=', 'default')
      .where('id', '=', family)
      .execute()
  })
  return successor
}

function freshToken(family: string, hash: string, at: number) {
  return {
    tenant: 'default',
    hash,
    family_id: family,
    created_at: at,
    consumed_at: null,
    consumed_for: null,
    successor_sealed: null,
  }
}
