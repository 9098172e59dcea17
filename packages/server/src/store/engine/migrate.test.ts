import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { dirname } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { atTheEnd, describeOnEachDatabase, emptySqlite } from '../testing/databases.ts'
import { addSlip, slipIds, slipMigrations, slipOptions, type Slips } from '../testing/slips.ts'
import type { Migrations } from './migrate.ts'
import { migrateEngine, openEngine } from './open-engine.ts'

const withColour: Migrations = {
  ...slipMigrations,
  '0002-colour': {
    async up(db) {
      await sql`alter table slips add column colour text`.execute(db)
    },
  },
}

const broken: Migrations = {
  ...slipMigrations,
  '0002-half': {
    async up(db) {
      await sql`alter table slips add column colour text`.execute(db)
      await sql`alter table absent add column colour text`.execute(db)
    },
  },
}

async function open(t: TestContext, url: string) {
  const engine = await openEngine<Slips>(slipOptions(url))
  atTheEnd(t, () => engine.close())
  return engine
}

describeOnEachDatabase('migrating', (emptyDatabase) => {
  test('runs what is pending, once', async (t) => {
    const url = await emptyDatabase(t)
    assert.deepEqual(await migrateEngine(slipOptions(url)), ['0001-slips'])
    assert.deepEqual(await migrateEngine(slipOptions(url)), [])
    assert.deepEqual(await migrateEngine({ ...slipOptions(url), migrations: withColour }), ['0002-colour'])
  })

  test('leaves the database as it was when a migration fails half way', async (t) => {
    const url = await emptyDatabase(t)
    await migrateEngine(slipOptions(url))
    await assert.rejects(migrateEngine({ ...slipOptions(url), migrations: broken }), /is as it was/)
    assert.deepEqual(await migrateEngine({ ...slipOptions(url), migrations: withColour }), ['0002-colour'])
  })

  test('refuses a schema that is newer than the program, and so does opening', async (t) => {
    const url = await emptyDatabase(t)
    await migrateEngine({ ...slipOptions(url), migrations: withColour })
    const newer = { name: 'NewerSchemaError', message: /`0002-colour`.*run the newer version/ }
    await assert.rejects(migrateEngine(slipOptions(url)), newer)
    await assert.rejects(openEngine(slipOptions(url)), newer)
  })
})

describe('opening an SQLite file', () => {
  test('migrates it, without a copy when it is new', async (t) => {
    const path = await emptySqlite(t)
    const engine = await open(t, path)
    assert.deepEqual(await slipIds(engine), [])
    assert.deepEqual(
      (await readdir(dirname(path))).filter((name) => name.endsWith('.copy')),
      [],
    )
  })

  test('copies it before it is migrated, with everything that was in it', async (t) => {
    const path = await emptySqlite(t)
    const before = await open(t, path)
    await before.unit((tx) => addSlip(tx, 'a'))
    await migrateEngine({ ...slipOptions(path), migrations: withColour })
    const copy = new DatabaseSync(`${path}.0001-slips.copy`, { readOnly: true })
    assert.deepEqual(
      copy
        .prepare('select * from slips')
        .all()
        .map((row) => ({ ...row })),
      [{ id: 'a', used_by: null, made_at: 1 }],
    )
    copy.close()
    assert.equal((await stat(`${path}.0001-slips.copy`)).mode & 0o777, 0o600)
  })

  test('makes it readable for its owner only', async (t) => {
    const path = await emptySqlite(t)
    const engine = await open(t, path)
    await engine.unit((tx) => addSlip(tx, 'a'))
    const modes = await Promise.all(
      ['', '-wal', '-shm'].map(async (suffix) => (await stat(path + suffix)).mode & 0o777),
    )
    assert.deepEqual(modes, [0o600, 0o600, 0o600])
  })

  test('commits durably: WAL, and synchronous=FULL', async (t) => {
    const engine = await open(t, await emptySqlite(t))
    const pragmas = await engine.unit(async (tx) => {
      const { rows } = await sql`select journal_mode, synchronous from pragma_journal_mode, pragma_synchronous`.execute(
        tx,
      )
      return rows
    })
    assert.deepEqual(pragmas, [{ journal_mode: 'wal', synchronous: 2 }])
  })

  test('says what is wrong with an address of another kind', async () => {
    await assert.rejects(
      openEngine(slipOptions('mysql://localhost/permitry')),
      /give the path of a file, or a postgres/,
    )
    await assert.rejects(openEngine(slipOptions(':memory:')), /give the path of a file/)
  })
})
