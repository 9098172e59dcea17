import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { sql, type Kysely, type Transaction } from 'kysely'
import { describeOnEachDatabase } from '../testing/databases.ts'
import { addSlip, openSlips, slipIds, useSlip, type Slips } from '../testing/slips.ts'
import { unitScope, type Lane } from './unit-scope.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(3, '0'))

describeOnEachDatabase('a unit of work', (emptyDatabase) => {
  test('has returned from COMMIT when it resolves: another connection sees what it wrote', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const answer = await engine.unit(async (tx) => {
      await addSlip(tx, 'a')
      return 'done'
    })
    assert.equal(answer, 'done')
    assert.deepEqual(await slipIds(engine), ['a'])
  })

  test('shares its transaction with those that arrived meanwhile, and none is acknowledged before the last has run', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const events: string[] = []
    await Promise.all(
      numbers(5).map(async (id) => {
        await engine.unit(async (tx) => {
          await addSlip(tx, id)
          events.push(`ran ${id}`)
        })
        events.push(`acknowledged ${id}`)
      }),
    )
    const ids = numbers(5)
    assert.deepEqual(events, [...ids.map((id) => `ran ${id}`), ...ids.map((id) => `acknowledged ${id}`)])
  })

  test('waits for the next transaction when the group is full', async (t) => {
    const engine = await openSlips(t, emptyDatabase, { maxGroup: 2 })
    const events: string[] = []
    const works = numbers(9).map(async (id) => {
      await engine.unit(async (tx) => {
        await addSlip(tx, id)
        events.push(`ran ${id}`)
      })
      events.push(`acknowledged ${id}`)
    })
    await Promise.all(works)
    assert.ok(events.indexOf('acknowledged 000') < events.indexOf('ran 008'))
    assert.deepEqual(await slipIds(engine), numbers(9))
  })

  test('that throws is rolled back alone, and its caller alone gets the error', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const outcomes = await Promise.allSettled(
      numbers(5).map((id) =>
        engine.unit(async (tx) => {
          await addSlip(tx, id)
          if (id === '002') throw new Error('not this one')
        }),
      ),
    )
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
    assert.deepEqual(await slipIds(engine), ['000', '001', '003', '004'])
  })

  test('whose statement fails is rolled back alone', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await engine.unit((tx) => addSlip(tx, 'taken'))
    const outcomes = await Promise.allSettled([
      engine.unit((tx) => addSlip(tx, 'before')),
      engine.unit(async (tx) => {
        await addSlip(tx, 'half')
        await addSlip(tx, 'taken')
      }),
      engine.unit((tx) => addSlip(tx, 'after')),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(await slipIds(engine), ['after', 'before', 'taken'])
  })

  test('that is alone and throws leaves nothing behind', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const work = engine.unit(async (tx) => {
      await addSlip(tx, 'a')
      throw new Error('changed my mind')
    })
    await assert.rejects(work, /changed my mind/)
    assert.deepEqual(await slipIds(engine), [])
  })

  test('uses a slip once, whoever else tries at the same time', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await engine.unit((tx) => addSlip(tx, 'a'))
    const uses = numbers(50).map((user) => engine.unit((tx) => useSlip(tx, 'a', user)))
    const winners = (await Promise.all(uses)).filter(Boolean)
    assert.equal(winners.length, 1)
  })

  test('fails with its whole group when COMMIT fails', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const outcomes = await Promise.allSettled([
      engine.unit((tx) => addSlip(tx, 'a')),
      engine.unit((tx) => tx.insertInto('pins').values({ slip_id: 'absent' }).execute()),
      engine.unit((tx) => addSlip(tx, 'b')),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    assert.deepEqual(await slipIds(engine), [])
    await engine.unit((tx) => addSlip(tx, 'c'))
    assert.deepEqual(await slipIds(engine), ['c'])
  })

  test('must not start another, nor read around its own transaction', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await assert.rejects(
      engine.unit(() => engine.unit(() => Promise.resolve())),
      /must not start another/,
    )
    await assert.rejects(
      engine.unit(() => slipIds(engine)),
      /reads through its own/,
    )
    await assert.rejects(
      engine.unit(() => engine.scan((db) => db.selectFrom('slips').selectAll())),
      /reads through its own/,
    )
    await engine.unit((tx) => addSlip(tx, 'a'))
    assert.deepEqual(await slipIds(engine), ['a'])
  })

  test('cannot write after its end', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    let kept: Transaction<Slips> | undefined
    await Promise.all([
      engine.unit((tx) => Promise.resolve(void (kept = tx))),
      engine.unit(async (tx) => {
        assert.ok(kept)
        await assert.rejects(addSlip(kept, 'late'), /has ended/)
        await addSlip(tx, 'in time')
      }),
    ])
    assert.deepEqual(await slipIds(engine), ['in time'])
  })

  test('runs in the async context of its own caller', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const requestId = new AsyncLocalStorage<string>()
    const seen = numbers(3).map((id) =>
      requestId.run(id, () => engine.unit(() => Promise.resolve(requestId.getStore()))),
    )
    assert.deepEqual(await Promise.all(seen), numbers(3))
  })

  test('that has arrived is finished before the engine closes, and none after', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const arrived = numbers(5).map((id) => engine.unit((tx) => addSlip(tx, id)))
    const closed = engine.close()
    await assert.rejects(
      engine.unit((tx) => addSlip(tx, 'late')),
      /is closed/,
    )
    await closed
    await Promise.all(arrived)
    await assert.rejects(slipIds(engine), /is closed/)
    await assert.rejects(
      engine.scan((db) => db.selectFrom('slips').selectAll()),
      /is closed/,
    )
    await engine.close()
  })
})

describeOnEachDatabase('the memory of a lane', (emptyDatabase) => {
  test('is told when a unit was rolled back alone, newest change first', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const undone: string[] = []
    const remember = (tx: Transaction<Slips>, change: string) => unitScope(tx).onRollback(() => undone.push(change))
    await Promise.allSettled([
      engine.unit((tx) => Promise.resolve(remember(tx, 'kept'))),
      engine.unit((tx) => {
        remember(tx, 'first')
        remember(tx, 'second')
        return Promise.reject(new Error('undo'))
      }),
    ])
    assert.deepEqual(undone, ['second', 'first'])
  })

  test('starts anew after a transaction that failed as a whole, and only then', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const laneOfGroup = async (extra: (tx: Transaction<Slips>) => Promise<unknown>) => {
      let lane: Lane | undefined
      await Promise.allSettled([
        engine.unit((tx) => Promise.resolve(void (lane = unitScope(tx).lane))),
        engine.unit(extra),
      ])
      return lane
    }
    const first = await laneOfGroup(() => Promise.reject(new Error('alone')))
    const second = await laneOfGroup((tx) => tx.insertInto('pins').values({ slip_id: 'absent' }).execute())
    const third = await laneOfGroup((tx) => addSlip(tx, 'a'))
    assert.equal(first, second)
    assert.notEqual(second, third)
  })
})

describeOnEachDatabase('reading', (emptyDatabase) => {
  test('refuses to write', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const write = (db: Kysely<Slips>) => db.insertInto('slips').values({ id: 'a', used_by: null, made_at: 1 })
    await assert.rejects(
      engine.read((db) => write(db).execute()),
      /only a select/,
    )
    await assert.rejects(engine.scan(write), /only a select/)
  })

  test('gives numbers for bigint, beyond 32 bits', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const time = Date.UTC(2026, 10, 24)
    await engine.unit((tx) => tx.insertInto('slips').values({ id: 'a', used_by: null, made_at: time }).execute())
    const expected = [{ id: 'a', used_by: null, made_at: time }]
    assert.deepEqual(await engine.read((db) => db.selectFrom('slips').selectAll().execute()), expected)
    assert.deepEqual(await engine.scan((db) => db.selectFrom('slips').selectAll()), expected)
  })

  test('goes on while a scan is under way', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const events: string[] = []
    const counting = sql<{ n: number }>`(with recursive counting (n) as (
      select 1 union all select n + 1 from counting where n < 2000000) select max(n) as n from counting)`
    const scan = engine
      .scan((db) => db.selectFrom(counting.as('counted')).select('n'))
      .then((rows) => events.push(`scanned ${rows[0]?.n}`))
    for (const id of numbers(2)) {
      await engine.unit((tx) => addSlip(tx, id))
      await slipIds(engine)
    }
    events.push('read')
    await scan
    assert.deepEqual(events, ['read', 'scanned 2000000'])
  })

  test('hands the error of a scan to its caller and goes on', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const missing = sql<{ id: string }>`absent`
    await assert.rejects(engine.scan((db) => db.selectFrom(missing.as('absent')).select('id')))
    assert.deepEqual(await engine.scan((db) => db.selectFrom('slips').selectAll()), [])
  })
})
