// Several processes on one database: what one of them revokes, every stream is told, in order and soon.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { importJWK, SignJWT } from 'jose'
import { addServerCredential } from '../commands/server-credential.ts'
import { suspendSubject } from '../commands/subject.ts'
import { applied, CLINIC, must } from '../commands/testing.ts'
import { type CredentialKey, makeCredentialKey } from '../keys/credential-key.ts'
import { createAuthorizationServer } from '../server.ts'
import { inTenant } from '../store/in-tenant.ts'
import { openStore } from '../store/open-store.ts'
import type { Position } from '../store/repositories/revocations.ts'
import type { Store, Tx } from '../store/store.ts'
import { atTheEnd, describeOnEachDatabase, describePostgres, type EmptyDatabase } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'

const ISSUER = 'https://login.example'

async function openTwo(t: TestContext, emptyDatabase: EmptyDatabase): Promise<[Store, Store]> {
  const url = await emptyDatabase(t)
  const one = await openTestStore(t, () => Promise.resolve(url))
  const two = await openStore({ url })
  atTheEnd(t, () => two.close())
  return [one, two]
}

const revoke = (store: Store, id: string): Promise<number> =>
  store.unit((tx) => inTenant(tx, 'default').revocations.revoke({ everybody: true }, id, Date.now()))

/** What a reader finds behind a position, and where it stands then. */
async function readFrom(store: Store, position: Position): Promise<{ ids: string[]; position: Position }> {
  const rows = await store.read((db) => inTenant(db, 'default').revocations.after(position, 0, 1000))
  return { ids: rows.map(({ id }) => id), position: rows.at(-1) ?? position }
}

const START: Position = { epoch: 0, id: '' }

describePostgres('a reader of revocations', (emptyDatabase) => {
  /** One unit is held open when another one in another process revokes too; says what a reader sees before and after. */
  async function race(t: TestContext, revokeIn: (tx: Tx, id: string) => Promise<unknown>) {
    const [one, two] = await openTwo(t, emptyDatabase)
    const [opened, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow = one.unit(async (tx) => {
      await revokeIn(tx, 'slow')
      opened.resolve()
      await gate.promise
    })
    await opened.promise
    let isFastDone = false
    const fast = two.unit((tx) => revokeIn(tx, 'fast')).then(() => (isFastDone = true))
    // Either the second unit commits, or the database says that it waits for the first.
    while (!isFastDone && !(await isAnybodyWaiting(two))) await new Promise((resolve) => setImmediate(resolve))
    const during = await readFrom(two, START)
    gate.resolve()
    await Promise.all([slow, fast])
    const rest = await readFrom(two, during.position)
    return { during: during.ids, rest: rest.ids }
  }

  test('never passes over a unit that raised the epoch before and commits after', async (t) => {
    const { during, rest } = await race(t, (tx, id) =>
      inTenant(tx, 'default').revocations.revoke({ everybody: true }, id, Date.now()),
    )
    assert.deepEqual([during, rest], [[], ['slow', 'fast']])
  })

  test('would pass over it without the lock of the tenant: that is what this race finds', async (t) => {
    let epoch = 10
    const { during, rest } = await race(t, (tx, id) => {
      const row = { tenant: 'default', id, epoch: ++epoch, subject_id: null, family_id: null, client_id: null }
      return tx
        .insertInto('revocations')
        .values({ ...row, servers: null, created_at: Date.now() })
        .execute()
    })
    assert.deepEqual([during, rest], [['fast'], []], 'the slow one is lost')
  })

  test('finds each of many that two processes raise while it reads, once', async (t) => {
    const [one, two] = await openTwo(t, emptyDatabase)
    const wanted = Array.from({ length: 200 }, (_, n) => `rev_${n}`)
    let isDone = false
    const writing = Promise.all(wanted.map((id, n) => revoke(n % 2 === 0 ? one : two, id))).finally(
      () => (isDone = true),
    )
    const found: string[] = []
    let position = START
    for (let last = false; !last;) {
      last = isDone
      const read = await readFrom(two, position)
      found.push(...read.ids)
      position = read.position
    }
    await writing
    assert.deepEqual(found.toSorted(), wanted.toSorted())
  })
})

async function isAnybodyWaiting(store: Store): Promise<boolean> {
  const locks = await store.read((db) =>
    db
      .selectFrom('pg_locks' as never)
      .select('granted' as never)
      .where('granted' as never, '=', false as never)
      .execute(),
  )
  return locks.length > 0
}

describeOnEachDatabase('two servers on one database', (emptyDatabase) => {
  test('a long poll at one of them is told within a second what the other one revoked', async (t) => {
    const [one, two] = await openTwo(t, emptyDatabase)
    const masterKey = new Uint8Array(32).fill(7)
    const open = (store: Store) => createAuthorizationServer({ store, issuer: ISSUER, masterKey })
    const [first, second] = [await open(one), await open(two)]
    const operator = { store: one, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now } as const
    await applied(operator, CLINIC)
    const key = await makeCredentialKey()
    await must(operator, addServerCredential, { serverId: 'vetassist', publicJwk: key.publicJwk })

    const token = await tokenFor(first, key)
    const post = async (server: typeof first, path: string, body: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const request = new Request(`${ISSUER}/guard/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return (await (await server.fetch(request)).json()) as Record<string, unknown>
    }
    const { stream_id: id } = await post(first, 'streams', {})
    const events = `streams/${String(id)}/events`
    const polled = async (body: object) => Object.keys((await post(second, events, body))['sets'] as object)
    await polled({ ack: await polled({ returnImmediately: true }), maxEvents: 0 })
    const waiting = polled({})
    await must(operator, suspendSubject, { id: 'usr_bob' })
    const begun = Date.now()
    assert.equal((await waiting).length, 1)
    assert.ok(Date.now() - begun < 1_000, `${Date.now() - begun} ms`)
  })
})

async function tokenFor(
  server: Awaited<ReturnType<typeof createAuthorizationServer>>,
  { kid, privateJwk }: CredentialKey,
): Promise<string> {
  const assertion = await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer('vetassist-guard')
    .setSubject('vetassist-guard')
    .setAudience(ISSUER)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(await importJWK(privateJwk, 'ES256'))
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    resource: `${ISSUER}/guard`,
  })
  const answer = await server.fetch(new Request(`${ISSUER}/token`, { method: 'POST', body }))
  return ((await answer.json()) as { access_token: string }).access_token
}

describeOnEachDatabase('a store tells of revocations', (emptyDatabase) => {
  test('after COMMIT, of its own tenant, and not of what was undone', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    const told: string[] = []
    const stop = store.onRevoked((tenant) => void told.push(tenant))
    await store.unit(async (tx) => {
      await inTenant(tx, 'other').revocations.revoke({ subjectId: 'bob' }, 'rev_1', 0)
      assert.deepEqual(told, [])
    })
    assert.deepEqual(told, ['other'])
    const undone = store.unit(async (tx) => {
      await inTenant(tx, 'default').revocations.revoke({ subjectId: 'bob' }, 'rev_2', 0)
      throw new Error('undone')
    })
    await assert.rejects(undone, /undone/)
    await store.unit((tx) => inTenant(tx, 'default').tenants.lock())
    assert.deepEqual(told, ['other'])
    stop()
    await revoke(store, 'rev_3')
    assert.deepEqual(told, ['other'])
  })
})
