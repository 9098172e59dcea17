import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { test, type TestContext } from 'node:test'
import type { KyselyPlugin } from 'kysely'
import { createOutbound } from '../outbound/outbound.ts'
import { createRealm, type Realm } from '../realm.ts'
import { inTenant, type InUnit } from '../store/in-tenant.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import type { Store } from '../store/store.ts'
import { usernameKey } from '../store/repositories/subjects.ts'
import { admitLogin, decideLogin, type AcceptedLogin, type LoginAttempt, type RefusedLogin } from './attempt.ts'
import { hashPassword, type PasswordCheck, verifyPassword } from './password.ts'

const STRANGER = '203.0.113.7'

const outbound = createOutbound({ allowLoopback: false })

/** A realm with a clock that tests move, and with three people of whom one is suspended. */
async function openRealm(
  t: TestContext,
): Promise<{ realm: Realm; store: Store; readonly wait: (seconds: number) => void }> {
  const store = await openTestStore(t, emptySqlite)
  let now = Date.UTC(2026, 10, 24, 12)
  const realm = createRealm('default', {
    store,
    issuer: 'https://login.example',
    masterKey: new Uint8Array(32).fill(7),
    now: () => now,
    outbound,
  })
  const password_hash = await hashPassword('a right password')
  const people = ['bob', 'carol', 'mallory', 'zoe'].map((name) => ({
    tenant: 'default',
    id: `usr_${name}`,
    kind: 'person' as const,
    username: name,
    username_key: usernameKey(name),
    name,
    email: null,
    password_hash,
    status: name === 'zoe' ? ('suspended' as const) : ('active' as const),
    created_at: now,
    updated_at: now,
  }))
  await store.unit((db) => db.insertInto('subjects').values(people).execute())
  return { realm, store, wait: (seconds) => void (now += seconds * 1000) }
}

/** A login whose hashing has the outcome that the test says. */
function attempt(
  realm: Realm,
  check: PasswordCheck,
  changes: Partial<LoginAttempt> = {},
): Promise<AcceptedLogin | RefusedLogin> {
  return realm.unit((t) => attemptIn(realm, t, check, changes))
}

async function attemptIn(
  realm: Realm,
  t: InUnit,
  check: PasswordCheck,
  changes: Partial<LoginAttempt>,
): Promise<AcceptedLogin | RefusedLogin> {
  const sent = {
    username: 'bob',
    clientAddress: STRANGER,
    deviceSecret: undefined,
    clientId: 'vet-assist-ai',
    ...changes,
  }
  const admitted = await admitLogin(realm, t, sent)
  return 'reason' in admitted ? admitted : decideLogin(realm, t, admitted, check, undefined)
}

async function deviceOf(realm: Realm, changes: Partial<LoginAttempt> = {}): Promise<string> {
  const decision = await attempt(realm, 'match', changes)
  assert.ok(decision.signedIn)
  return decision.deviceSecret
}

/** Wrong passwords one after the other, in one unit because the disk is slow; what each attempt was refused for. */
function guess(realm: Realm, times: number, changes: (i: number) => Partial<LoginAttempt>): Promise<string[]> {
  return realm.unit(async (t) => {
    const reasons: string[] = []
    for (let i = 0; i < times; i++) {
      const decision = await attemptIn(realm, t, 'mismatch', changes(i))
      assert.ok(!decision.signedIn)
      reasons.push(decision.reason)
    }
    return reasons
  })
}

const admittedOf = (reasons: readonly string[]): number => reasons.filter((reason) => reason !== 'throttled').length

test('an account is guarded wherever the guesses come from and however its name is spelled', async (t) => {
  const { realm } = await openRealm(t)
  const spellings = ['bob', 'BOB', ' bob ', 'Bob\t', 'ｂｏｂ']
  const reasons = await guess(realm, 50, (i) => ({
    username: spellings[i % spellings.length] ?? '',
    clientAddress: `198.51.100.${i}`,
  }))
  assert.equal(admittedOf(reasons), 10)
  assert.equal(
    (await attempt(realm, 'match')).signedIn,
    false,
    'the right password is not even looked at during the wait',
  )
})

test('an address is guarded whatever names are guessed, and a whole /64 is one address', async (t) => {
  const { realm } = await openRealm(t)
  const reasons = await guess(realm, 120, (i) => ({ username: `name-${i}`, clientAddress: `2001:db8:1:2::${i}` }))
  assert.equal(admittedOf(reasons), 100)
  assert.equal((await attempt(realm, 'match', { clientAddress: '2001:db8:1:2::ffff' })).signedIn, false)
  assert.ok((await attempt(realm, 'match', { clientAddress: '2001:db8:1:3::1' })).signedIn)
})

test('strangers who guess do not lock the owner out of a device where he has signed in before', async (t) => {
  const { realm } = await openRealm(t)
  const deviceSecret = await deviceOf(realm)
  await guess(realm, 50, () => ({}))
  await guess(realm, 150, (i) => ({ username: `name-${i}` }))
  assert.ok((await attempt(realm, 'match', { deviceSecret })).signedIn, 'also from the address that must wait')
  assert.equal((await attempt(realm, 'match')).signedIn, false, 'while the wait goes on for everybody else')
})

test('a device is known for the person who signed in there and for nobody else', async (t) => {
  const { realm } = await openRealm(t)
  const deviceSecret = await deviceOf(realm, { username: 'mallory' })
  assert.equal(admittedOf(await guess(realm, 50, () => ({ deviceSecret }))), 10)
  assert.equal(admittedOf(await guess(realm, 50, () => ({}))), 0, 'her device did not add tries to the account')
})

test('a known device is no way to guess without end', async (t) => {
  const { realm } = await openRealm(t)
  const deviceSecret = await deviceOf(realm)
  assert.equal(admittedOf(await guess(realm, 50, () => ({ deviceSecret }))), 10)
})

test('a device secret is worth nothing after the next login, to whom it was shown or by whom it was planted', async (t) => {
  const { realm } = await openRealm(t)
  const planted = await deviceOf(realm, { username: 'mallory' })
  const bobs = await deviceOf(realm, { deviceSecret: planted })
  await guess(realm, 50, () => ({}))
  assert.equal(admittedOf(await guess(realm, 1, () => ({ deviceSecret: planted }))), 0)
  const again = await deviceOf(realm, { deviceSecret: bobs })
  const mallorys = await guess(realm, 1, () => ({ username: 'mallory', deviceSecret: again }))
  assert.equal(admittedOf(mallorys), 1)
})

test('two people who share a browser are both known there', async (t) => {
  const { realm } = await openRealm(t)
  const first = await deviceOf(realm)
  const deviceSecret = await deviceOf(realm, { username: 'carol', deviceSecret: first })
  await guess(realm, 50, () => ({}))
  await guess(realm, 50, () => ({ username: 'carol' }))
  assert.ok((await attempt(realm, 'match', { deviceSecret })).signedIn)
})

test('a device is forgotten after half a year without a login', async (t) => {
  const { realm, wait } = await openRealm(t)
  const deviceSecret = await deviceOf(realm)
  wait(181 * 24 * 3600)
  await guess(realm, 50, () => ({}))
  assert.equal((await attempt(realm, 'match', { deviceSecret })).signedIn, false)
})

test('a person has at most twenty known devices, the newest ones', async (t) => {
  const { realm, store, wait } = await openRealm(t)
  const oldest = await deviceOf(realm)
  for (let i = 0; i < 20; i++) {
    wait(1)
    await deviceOf(realm)
  }
  const rows = await store.read((db) => db.selectFrom('known_devices').select('device_hash').execute())
  assert.equal(rows.length, 20)
  await guess(realm, 50, () => ({}))
  assert.equal((await attempt(realm, 'match', { deviceSecret: oldest })).signedIn, false)
})

test('who can sign in to one account does not wash away the guesses on another, nor those from the address', async (t) => {
  const { realm } = await openRealm(t)
  const reasons: string[] = []
  for (let i = 0; i < 12; i++) {
    reasons.push(...(await guess(realm, 10, (k) => ({ username: `name-${i}-${k}` }))))
    await attempt(realm, 'match', { username: 'mallory' })
  }
  assert.equal(admittedOf(reasons), 100)
})

test('an attempt that found all hashing busy counts as none', async (t) => {
  const { realm } = await openRealm(t)
  for (let i = 0; i < 30; i++) {
    assert.deepEqual(await attempt(realm, 'busy'), { signedIn: false, reason: 'busy', throttledSeconds: 5 })
  }
  assert.ok((await attempt(realm, 'match')).signedIn)
})

test('who was suspended or given a new password while the hash was computed does not get in', async (t) => {
  const { realm, store } = await openRealm(t)
  for (const change of [{ password_hash: await hashPassword('a new password') }, { status: 'suspended' as const }]) {
    const sent = { username: 'bob', clientAddress: STRANGER, deviceSecret: undefined, clientId: undefined }
    const admitted = await realm.unit((unit) => admitLogin(realm, unit, sent))
    assert.ok(!('reason' in admitted))
    await store.unit((db) => db.updateTable('subjects').set(change).where('id', '=', 'usr_bob').execute())
    const decision = await realm.unit((unit) => decideLogin(realm, unit, admitted, 'match', undefined))
    assert.equal(decision.signedIn, false)
  }
})

test('the counts of failures do not tell who was tried, or from where', async (t) => {
  const { realm, store } = await openRealm(t)
  await guess(realm, 3, () => ({}))
  await deviceOf(realm, { username: 'carol' })
  const rows = await store.read(async (db) => [
    ...(await db.selectFrom('login_failures').selectAll().execute()),
    ...(await db.selectFrom('known_devices').selectAll().execute()),
  ])
  assert.equal(rows.length, 4)
  const text = JSON.stringify(rows)
  assert.doesNotMatch(text, /bob|203\.0\.113/)
  // A plain hash would fall to a list of names: under another key the same attempt is told by other rows.
  const keys = () => store.read((db) => db.selectFrom('login_failures').select('key').execute())
  const before = (await keys()).map(({ key }) => key)
  const other = createRealm('default', {
    store,
    issuer: 'http://localhost',
    masterKey: new Uint8Array(32),
    now: () => realm.now(),
    outbound,
  })
  await guess(other, 1, () => ({}))
  assert.equal((await keys()).filter(({ key }) => !before.includes(key)).length, 2)
})

test('the same work is done for a wrong password, an unknown name, a suspended person and a name without password', async (t) => {
  const { realm, store } = await openRealm(t)
  await store.unit((db) =>
    db.updateTable('subjects').set({ password_hash: null }).where('id', '=', 'usr_carol').execute(),
  )
  const deviceSecret = await deviceOf(realm, { username: 'mallory' })
  await guess(realm, 1, () => ({ username: 'the first from this address' }))
  const works = []
  for (const username of ['bob', 'nobody', 'zoe', 'carol']) works.push(await workOf(realm, { username, deviceSecret }))
  const [known, ...others] = works
  assert.ok(known && known.statements.length > 5, 'statements were seen')
  assert.equal(known.hashes, 1)
  for (const other of others) assert.deepEqual(other, known)
})

test('each login and each refusal is in the audit trail, with the reason that the person is not told', async (t) => {
  const { realm, store } = await openRealm(t)
  await attempt(realm, 'mismatch')
  await attempt(realm, 'mismatch', { username: 'nobody' })
  await attempt(realm, 'match', { username: 'zoe' })
  const first = await attempt(realm, 'match')
  const admitted = await realm.unit((unit) =>
    admitLogin(realm, unit, {
      username: 'carol',
      clientAddress: STRANGER,
      deviceSecret: undefined,
      clientId: undefined,
    }),
  )
  assert.ok(first.signedIn && !('reason' in admitted))
  await realm.unit((unit) => decideLogin(realm, unit, admitted, 'match', first.signedIn || undefined))
  const events = await store.read((db) =>
    db
      .selectFrom('audit_events')
      .select(['type', 'outcome', 'subject_id', 'client_id', 'reason'])
      .orderBy('seq')
      .execute(),
  )
  assert.deepEqual(
    events.map((event) => Object.values(event)),
    [
      ['login.refused', 'refused', 'usr_bob', 'vet-assist-ai', 'password_wrong'],
      ['login.refused', 'refused', null, 'vet-assist-ai', 'name_unknown'],
      ['login.refused', 'refused', 'usr_zoe', 'vet-assist-ai', 'person_suspended'],
      ['login.succeeded', 'allowed', 'usr_bob', 'vet-assist-ai', null],
      ['login.succeeded', 'allowed', 'usr_carol', null, null],
      ['session.ended', 'changed', 'usr_bob', null, 'another login'],
    ],
  )
})

test('attempts during a wait write nothing: a stranger cannot fill the disk', async (t) => {
  const { realm, store } = await openRealm(t)
  await guess(realm, 200, () => ({}))
  const rows = await store.read((db) => db.selectFrom('audit_events').select('seq').execute())
  assert.equal(rows.length, 10)
})

/** The statements of a refused login, without their values, and how many passwords were hashed. */
async function workOf(
  realm: Realm,
  changes: Partial<LoginAttempt>,
): Promise<{ statements: readonly string[]; hashes: number }> {
  const statements: string[] = []
  let hashes = 0
  const hook = createHook({ init: (_, type) => void (type === 'ARGON2REQUEST' && hashes++) }).enable()
  const sent = { username: '', clientAddress: STRANGER, deviceSecret: undefined, clientId: 'vet-assist-ai', ...changes }
  const admitted = await realm.unit((t) => admitLogin(realm, recorded(t, statements), sent))
  assert.ok(!('reason' in admitted))
  const check = await verifyPassword('a wrong password', admitted.person?.password_hash ?? null)
  const decision = await realm.unit((t) => decideLogin(realm, recorded(t, statements), admitted, check, undefined))
  assert.equal(decision.signedIn, false)
  hook.disable()
  return { statements, hashes }
}

function recorded({ db, tenant, audit, auditRefused }: InUnit, statements: string[]): InUnit {
  const recorder: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      statements.push(db.getExecutor().compileQuery(node, queryId).sql)
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  return {
    ...inTenant(db.withPlugin(recorder), tenant),
    audit(event) {
      statements.push(`audit ${event.type} of ${Object.keys(event.personal?.fields ?? {}).join(' and ')}`)
      return audit(event)
    },
    auditRefused,
  }
}
