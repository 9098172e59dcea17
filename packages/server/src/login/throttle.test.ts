import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTenant, type InTenant } from '../store/in-tenant.ts'
import { describeOnEachDatabase, emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'
import type { Store } from '../store/store.ts'
import { admit, type Admission, delayAfter, giveBack } from './throttle.ts'

const NOON = Date.UTC(2026, 10, 24, 12)
const HOUR = 3_600_000
const account = { key: 'account', free: 3 }
const address = { key: 'address', free: 5 }

const inUnit = <T>(store: Store, work: (t: InTenant) => Promise<T>): Promise<T> =>
  store.unit((tx) => work(inTenant(tx, 'default')))
const fail = (store: Store, at: number, limits = [account]): Promise<Admission> =>
  inUnit(store, (t) => admit(t, limits, at))

test('the wait begins after the free failures, doubles with each, and ends at a quarter of an hour', () => {
  const waits = [0, 9, 10, 11, 12, 19, 20, 1000].map((failures) => delayAfter(failures, 10) / 1000)
  assert.deepEqual(waits, [0, 0, 1, 2, 4, 512, 900, 900])
})

describeOnEachDatabase('login throttling', (emptyDatabase) => {
  test('50 parallel attempts get the free tries and no more', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    const answers = await Promise.all(Array.from({ length: 50 }, () => fail(store, NOON, [account, address])))
    assert.equal(answers.filter(({ admitted }) => admitted).length, account.free)
  })

  test('one key that must wait is enough, and then no key counts the attempt', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    for (let i = 0; i < account.free; i++) await fail(store, NOON)
    for (let i = 0; i < 20; i++) assert.equal((await fail(store, NOON, [account, address])).admitted, false)
    assert.equal((await fail(store, NOON, [address])).admitted, true)
  })

  test('attempts during a wait do not prolong it', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    for (let i = 0; i < account.free; i++) await fail(store, NOON)
    assert.deepEqual(await fail(store, NOON + 999), { admitted: false, waitSeconds: 1 })
    assert.equal((await fail(store, NOON + 1000)).admitted, true)
    assert.deepEqual(await fail(store, NOON + 1000), { admitted: false, waitSeconds: 2 })
  })

  test('what is given back leaves the wait as it was, for every key of the attempt', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    for (let i = 0; i < account.free; i++) await fail(store, NOON)
    for (let i = 1; i < 5; i++) {
      const admission = await fail(store, NOON + i * 1000)
      assert.ok(admission.admitted)
      await inUnit(store, (unit) => giveBack(unit, admission.counted))
    }
    assert.deepEqual(await fail(store, NOON + 999), { admitted: false, waitSeconds: 1 })
  })

  test('failures are forgotten a day after the last one', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    for (let i = 0; i < account.free; i++) await fail(store, NOON)
    for (let i = 0; i < account.free; i++) assert.equal((await fail(store, NOON + 24 * HOUR + 1)).admitted, true)
    assert.equal((await fail(store, NOON + 24 * HOUR + 1)).admitted, false)
  })

  test('a new key is counted, whichever new keys of the same attempt stand beside it', async (t) => {
    const store = await openTestStore(t, emptyDatabase)
    for (let i = 0; i < address.free; i++) await fail(store, NOON, [{ key: `account-${i}`, free: 3 }, address])
    assert.equal((await fail(store, NOON, [{ key: 'account-x', free: 3 }, address])).admitted, false)
    for (const key of ['a', 'z']) {
      for (let i = 0; i < 3; i++)
        await fail(store, NOON, [
          { key: `${key}1`, free: 3 },
          { key: `${key}2`, free: 3 },
        ])
      assert.equal((await fail(store, NOON, [{ key: `${key}2`, free: 3 }])).admitted, false)
    }
  })

  test('another tenant has its own failures', async (t) => {
    const store = await openTestStore(t, emptyDatabase, ['default', 'other'])
    for (let i = 0; i < account.free; i++) await fail(store, NOON)
    const elsewhere = await store.unit((tx) => admit(inTenant(tx, 'other'), [account], NOON))
    assert.equal(elsewhere.admitted, true)
  })
})

test('names that are made up by the thousand do not fill the table: who adds rows sweeps the old ones', async (t) => {
  const store = await openTestStore(t, emptySqlite)
  const made = (day: number) =>
    Array.from({ length: 2000 }, (_, i) => ({
      key: String(((day * 2000 + i) * 2_654_435_761) % 1e9).padStart(9, '0'),
      free: 3,
    }))
  for (const day of [0, 2]) {
    await inUnit(store, async (unit) => {
      for (const limit of made(day)) await admit(unit, [limit], NOON + day * 24 * HOUR)
    })
  }
  const { count } = await store.read((db) =>
    db
      .selectFrom('login_failures')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  )
  assert.ok(count < 2100, `${count} rows are left of 4000, of which 2000 still count`)
})
