import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { sqliteRows } from '../node/sqlite.ts'
import { rowOf } from './keys.ts'
import { withLease } from './lease.ts'
import { memoryRows } from './memory.ts'
import type { Rows } from './rows.ts'
import { createSealer } from './seal.ts'
import { createStore } from './store.ts'

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const unreadable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'store_unreadable'

const kinds: Record<string, (now: () => number) => Rows> = {
  memory: memoryRows,
  SQLite: (now) => sqliteRows(':memory:', now),
}
for (const [name, open] of Object.entries(kinds)) {
  describe(`rows in ${name}`, () => {
    it('give what was written, until it is deleted', async () => {
      const rows = open(() => 0)
      assert.equal(await rows.get('a'), undefined)
      assert.equal(await rows.replace('a', undefined, 'one', undefined), true)
      assert.equal(await rows.get('a'), 'one')
      assert.equal(await rows.replace('a', 'one', undefined, undefined), true)
      assert.equal(await rows.get('a'), undefined)
    })

    it('change only from the value that was read', async () => {
      const rows = open(() => 0)
      await rows.replace('a', undefined, 'one', undefined)
      assert.equal(await rows.replace('a', undefined, 'two', undefined), false, 'there is one already')
      assert.equal(await rows.replace('a', 'other', 'two', undefined), false)
      assert.equal(await rows.replace('a', 'other', undefined, undefined), false)
      assert.equal(await rows.replace('b', 'one', 'two', undefined), false, 'there is none')
      assert.equal(await rows.get('a'), 'one')
    })

    it('let one of many writers win', async () => {
      const rows = open(() => 0)
      const won = await Promise.all([1, 2, 3, 4].map((n) => rows.replace('a', undefined, String(n), undefined)))
      assert.equal(won.filter(Boolean).length, 1)
    })

    it('list keys by their start and nothing else', async () => {
      const rows = open(() => 0)
      for (const one of [
        'user/a/tokens/x',
        'user/a/tokens/y',
        'user/ab/tokens/x',
        'user/A/tokens/x',
        'user_a/x',
        'user/a/~~',
      ])
        await rows.replace(one, undefined, 'v', undefined)
      assert.deepEqual((await rows.keys('user/a/')).toSorted(), ['user/a/tokens/x', 'user/a/tokens/y', 'user/a/~~'])
    })

    it('drop what expired when something that expires is written', async () => {
      let now = 0
      const rows = open(() => now)
      await rows.replace('old', undefined, 'v', 10)
      await rows.replace('kept', undefined, 'v', undefined)
      now = 20
      await rows.replace('new', undefined, 'v', 30)
      assert.deepEqual((await rows.keys('')).toSorted(), ['kept', 'new'])
    })
  })
}

test('a database holds nothing that can be read', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-rows-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'rows.db')
  const rows = sqliteRows(file)
  const store = createStore(rows, createSealer([key(1)]))
  await store.write('row', undefined, { accessToken: 'the-access-token' })
  rows.close()
  assert.doesNotMatch(readFileSync(file, 'latin1'), /the-access-token|accessToken/)
  const again = createStore(sqliteRows(file), createSealer([key(1)]))
  assert.deepEqual((await again.read('row'))?.value, { accessToken: 'the-access-token' })
})

test('a sealed value opens in its own row only, and not when a character of it was changed', async () => {
  const sealer = createSealer([key(1)])
  const sealed = await sealer.seal('user/bob', 'secret')
  assert.equal(await sealer.open('user/bob', sealed), 'secret')
  await assert.rejects(sealer.open('user/carol', sealed), unreadable)
  for (const at of [4, 20, sealed.length - 2]) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    await assert.rejects(sealer.open('user/bob', changed), unreadable, `character ${at}`)
  }
})

test('two seals of one value differ, so that nobody sees what did not change', async () => {
  const sealer = createSealer([key(1)])
  assert.notEqual(await sealer.seal('row', 'secret'), await sealer.seal('row', 'secret'))
})

test('a key can be changed: the new one seals, both open, and a lost one says so', async () => {
  const sealed = await createSealer([key(1)]).seal('row', 'secret')
  const both = createSealer([key(2), key(1)])
  assert.equal(await both.open('row', sealed), 'secret')
  assert.equal(await createSealer([key(2)]).open('row', await both.seal('row', 'newer')), 'newer')
  await assert.rejects(createSealer([key(2)]).open('row', sealed), unreadable)
})

test('a key of the wrong size is refused at once', () => {
  assert.throws(() => createSealer([new Uint8Array(16)]), /32 bytes/)
})

test('no value of one part of a key reaches into another', () => {
  const place = { user: 'a', issuer: 'b', resource: 'c' }
  const keys = [
    rowOf.tokens(place),
    rowOf.tokens({ ...place, user: 'a/tokens/b' }),
    rowOf.tokens({ ...place, issuer: 'b/c', resource: '' }),
    rowOf.tokens({ ...place, user: 'a%2Ftokens' }),
    rowOf.tokens({ ...place, user: '../a' }),
  ]
  assert.equal(new Set(keys).size, keys.length)
  assert.ok(!rowOf.tokens({ ...place, user: 'ab' }).startsWith(rowOf.user('a')))
})

describe('a lease', () => {
  const options = () => ({
    store: createStore(memoryRows(), createSealer([key(1)])),
    now: Date.now,
    milliseconds: 5_000,
  })

  it('lets one run after the other', async () => {
    const lease = options()
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
    }
    await Promise.all([1, 2, 3].map(() => withLease('row', lease, work)))
    assert.equal(most, 1)
  })

  it('ends with its time, so that a process that died holds nobody up', async () => {
    const { store } = options()
    await assert.rejects(
      withLease('row', { store, now: () => 0, milliseconds: 10 }, async () => {
        assert.equal(
          await withLease('row', { store, now: () => 10, milliseconds: 10 }, async () => 'taken over'),
          'taken over',
        )
        throw new Error('the first one ends later')
      }),
      /later/,
    )
  })

  it('ends although the clock of its holder was ahead, or was set back', async () => {
    const { store } = options()
    let reached = false
    await withLease('row', { store, now: () => 3_600_000, milliseconds: 10 }, () =>
      withLease('row', { store, now: () => 0, milliseconds: 10 }, async () => void (reached = true)),
    )
    assert.equal(reached, true)
  })

  it('is given back after a failure', async () => {
    const lease = options()
    await assert.rejects(withLease('row', lease, () => Promise.reject(new Error('failed'))))
    assert.equal(await withLease('row', lease, async () => 'free'), 'free')
  })
})
