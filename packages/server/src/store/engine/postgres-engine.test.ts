import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql, type Transaction } from 'kysely'
import { describePostgres } from '../testing/databases.ts'
import { addSlip, openSlips, slipIds, slipOptions, useSlip, type Slips } from '../testing/slips.ts'
import { migrateEngine, openEngine } from './open-engine.ts'

const raise = (tx: Transaction<Slips>, code: string) =>
  sql`do ${sql.raw(`$$ begin raise exception using errcode = '${code}'; end $$`)}`.execute(tx)

describePostgres('the engine', (emptyDatabase) => {
  test('runs the whole group again after a serialization failure', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    let runs = 0
    await Promise.all([
      engine.unit((tx) => addSlip(tx, 'a')),
      engine.unit(async (tx) => {
        runs++
        if (runs < 3) await raise(tx, '40001')
        await addSlip(tx, 'b')
      }),
    ])
    assert.equal(runs, 3)
    assert.deepEqual(await slipIds(engine), ['a', 'b'])
  })

  test('gives up after some tries and tells every caller of the group', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const outcomes = await Promise.allSettled([
      engine.unit((tx) => addSlip(tx, 'a')),
      engine.unit((tx) => raise(tx, '40001')),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.deepEqual(await slipIds(engine), [])
  })

  test('resolves a deadlock between two lanes by running one of them again', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await engine.unit(async (tx) => {
      await addSlip(tx, 'a')
      await addSlip(tx, 'b')
    })
    const bothHoldOne = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let runs = 0
    const lockInOrder = (mine: number, first: string, second: string) =>
      engine.unit(async (tx) => {
        runs++
        await useSlip(tx, first, first + second)
        bothHoldOne[mine]?.resolve()
        await Promise.all(bothHoldOne.map(({ promise }) => promise))
        await useSlip(tx, second, first + second)
      })
    const one = lockInOrder(0, 'a', 'b')
    // The second unit must find the first lane at work, or both would share one group.
    await bothHoldOne[0]?.promise
    await Promise.all([one, lockInOrder(1, 'b', 'a')])
    assert.equal(runs, 3)
    const users = await engine.read((db) => db.selectFrom('slips').select('used_by').distinct().execute())
    assert.equal(users.length, 1)
  })

  test('survives the loss of a connection in the middle of a unit', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    const lost = engine.unit(async (tx) => {
      await addSlip(tx, 'a')
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
    })
    await assert.rejects(lost)
    await engine.unit((tx) => addSlip(tx, 'b'))
    assert.deepEqual(await slipIds(engine), ['b'])
  })

  test('fails a unit that has caught the error of a statement, alone or in a group', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await engine.unit((tx) => addSlip(tx, 'taken'))
    const catching = (tx: Transaction<Slips>) => addSlip(tx, 'taken').catch(() => 'never mind')
    await assert.rejects(engine.unit(catching))
    const outcomes = await Promise.allSettled([engine.unit(catching), engine.unit((tx) => addSlip(tx, 'a'))])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
    assert.deepEqual(await slipIds(engine), ['a', 'taken'])
  })

  test('keeps a write out of a scan even when it hides in a function', async (t) => {
    const engine = await openSlips(t, emptyDatabase)
    await engine.unit((tx) =>
      sql`create function sneak() returns bigint language sql
      as 'insert into slips values (''sneaked'', null, 1) returning made_at'`.execute(tx),
    )
    const sneak = engine.scan((db) => db.selectNoFrom(sql<number>`sneak()`.as('n')))
    await assert.rejects(sneak, /read-only transaction/)
  })

  test('does not open an unmigrated database', async (t) => {
    const url = await emptyDatabase(t)
    await assert.rejects(openEngine(slipOptions(url)), /lacks `0001-slips`: run `permitry migrate` first/)
  })

  test('migrates once when two start together', async (t) => {
    const url = await emptyDatabase(t)
    const names = await Promise.all([migrateEngine(slipOptions(url)), migrateEngine(slipOptions(url))])
    assert.deepEqual(names.flat(), ['0001-slips'])
  })
})
