import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Engine } from './engine.ts'
import type { EngineOptions } from './open-engine.ts'
import { readSchemaState, runMigrations } from './migrate.ts'
import { readOnlyPlugin } from './read-only.ts'
import { createUnitQueue } from './unit-queue.ts'

/** Two transactions in turn keep the server busy while one of them waits for the disk; more of them make smaller groups. */
const LANES = 2
const READERS = 4
/** Scans have few connections, so that a slow report leaves the point reads alone. */
const SCANNERS = 2
/** Deadlocks and serialization failures in a row before the callers hear of it. */
const MAX_ATTEMPTS = 5
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Group commit on two connections, point reads and scans on others. Nothing depends on the state of a session, so a pooler that
 * hands out connections by the transaction may stand between. Refuses a database that is not migrated.
 */
export async function openPostgresEngine<DB>(options: EngineOptions): Promise<Engine<DB>> {
  const writeDb = connect<DB>(options.url, LANES)
  const readDb = connect<DB>(options.url, READERS).withPlugin(readOnlyPlugin)
  const scanDb = connect<DB>(options.url, SCANNERS)
  const closeAll = async () => {
    await Promise.all([writeDb.destroy(), readDb.destroy(), scanDb.destroy()])
  }
  try {
    await refuseUnmigrated(writeDb, options)
  } catch (error) {
    await closeAll()
    throw error
  }
  const queue = createUnitQueue(writeDb, { lanes: LANES, maxGroup: options.maxGroup, maxAttempts: MAX_ATTEMPTS })
  return {
    unit: queue.unit,
    read: (work) => queue.outsideUnits(() => work(readDb)),
    scan: (query) =>
      queue.outsideUnits(async () => {
        const compiled = query(readDb).compile()
        const transaction = scanDb.transaction().setAccessMode('read only')
        const { rows } = await transaction.execute((tx) => tx.executeQuery(compiled))
        return rows
      }),
    close: () => queue.close(closeAll),
  }
}

/** Brings the database to our schema and returns the names of the migrations that ran. Not through a transaction pooler. */
export async function migratePostgres(options: EngineOptions): Promise<string[]> {
  const db = connect<unknown>(options.url, 1)
  try {
    await readSchemaState(db, options.migrations)
    return await runMigrations(db, options.migrations)
  } finally {
    await db.destroy()
  }
}

async function refuseUnmigrated<DB>(db: Kysely<DB>, { migrations }: EngineOptions): Promise<void> {
  const { pending } = await readSchemaState(db, migrations)
  if (pending.length > 0) {
    throw new Error(
      `the database lacks ${pending.map((name) => `\`${name}\``).join(', ')}: run \`permitry migrate\` first`,
    )
  }
}

function connect<DB>(url: string, max: number): Kysely<DB> {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'permitry',
    types,
  })
  // A connection that breaks says so to its query, and the pool replaces it; without listeners the event ends the process.
  pool.on('error', ignoreBrokenConnection)
  pool.on('connect', (client) => client.on('error', ignoreBrokenConnection))
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
}

function ignoreBrokenConnection(): void {}

/** A bigint (int8) becomes a number, as on SQLite: our times and counters are far below 2^53. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, parseSafeInteger)

function parseSafeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value))
    throw new RangeError(`the database holds \`${text}\`, which is more than a number can`)
  return value
}
