import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import pg from 'pg'

/** Makes an empty database that is gone when the test has ended, and returns its URL. */
export type EmptyDatabase = (t: TestContext) => Promise<string>

/** Declares the same tests for SQLite and for PostgreSQL; the latter need a server, see scripts/with-postgres.sh. */
export function describeOnEachDatabase(name: string, declareTests: (emptyDatabase: EmptyDatabase) => void): void {
  describe(`${name} (sqlite)`, () => declareTests(emptySqlite))
  describePostgres(name, declareTests)
}

/** Declares tests that only PostgreSQL can have. */
export function describePostgres(name: string, declareTests: (emptyDatabase: EmptyDatabase) => void): void {
  const server = process.env['PERMITRY_TEST_POSTGRES']
  if (server) {
    describe(`${name} (postgres)`, () => declareTests((t) => emptyPostgres(t, server)))
  } else if (process.env['PERMITRY_REQUIRE_POSTGRES']) {
    test(`${name} (postgres)`, () => {
      throw new Error(
        'PERMITRY_REQUIRE_POSTGRES is set and PERMITRY_TEST_POSTGRES is not: run scripts/with-postgres.sh',
      )
    })
  } else {
    test(`${name} (postgres)`, { skip: 'PERMITRY_TEST_POSTGRES is not set: run scripts/with-postgres.sh' }, () => {})
  }
}

/** The path of an SQLite file that is not there yet, in a folder of its own. */
export async function emptySqlite(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-store-'))
  atTheEnd(t, () => rm(folder, { recursive: true }))
  return join(folder, 'permitry.db')
}

const endings = new WeakMap<TestContext, (() => Promise<void>)[]>()

/** Runs `ending` when the test has ended, the newest first (`t.after` would drop a database before the store is closed). */
export function atTheEnd(t: TestContext, ending: () => Promise<void>): void {
  const known = endings.get(t)
  if (known) return void known.push(ending)
  const registered = [ending]
  endings.set(t, registered)
  t.after(async () => {
    for (const run of registered.reverse()) await run()
  })
}

async function emptyPostgres(t: TestContext, server: string): Promise<string> {
  const name = `permitry_test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(server, `create database ${name}`)
  // FORCE: a child process that a test has killed may still hold its connection.
  atTheEnd(t, () => asAdmin(server, `drop database ${name} with (force)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function asAdmin(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
