import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Engine } from './engine.ts'
import type { EngineOptions } from './open-engine.ts'
import { readSchemaState, runMigrations } from './migrate.ts'
import { readOnlyPlugin } from './read-only.ts'
import { nodeSqliteDialect } from './sqlite-dialect.ts'
import { createScanner } from './sqlite-scanner.ts'
import { createUnitQueue } from './unit-queue.ts'

/** How long a statement waits for another process (a command of the CLI) that is writing. The event loop waits with it. */
const BUSY_TIMEOUT_MS = 5_000

/** Only the owner may read what is in the file: it holds personal data and the hashes of passwords. */
const FILE_MODE = 0o600

/** One file, one writing connection, one reading connection, and a worker for scans. Migrates at start, after a copy. */
export async function openSqliteEngine<DB>(options: EngineOptions): Promise<Engine<DB>> {
  const path = options.url
  const writeDb = await openMigrated<DB>(options)
  const readConnection = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  const readDb = new Kysely<DB>({ dialect: nodeSqliteDialect(readConnection), plugins: [readOnlyPlugin] })
  const queue = createUnitQueue(writeDb, { lanes: 1, maxGroup: options.maxGroup, maxAttempts: 1 })
  const scanner = createScanner({ path, timeout: BUSY_TIMEOUT_MS })
  return {
    unit: queue.unit,
    read: (work) => queue.outsideUnits(() => work(readDb)),
    scan: (query) => queue.outsideUnits(() => scanner.scan(query(readDb).compile())),
    close: () =>
      queue.close(async () => {
        await scanner.close()
        await readDb.destroy()
        // Kysely leaves a connection open that it has never used.
        if (readConnection.isOpen) readConnection.close()
        await writeDb.destroy()
      }),
  }
}

/** Brings the file to our schema and returns the names of the migrations that ran. */
export async function migrateSqlite(options: EngineOptions): Promise<string[]> {
  const db = openForWriting<unknown>(options.url)
  try {
    return await migrate(db, options)
  } finally {
    await db.destroy()
  }
}

async function openMigrated<DB>(options: EngineOptions): Promise<Kysely<DB>> {
  const db = openForWriting<DB>(options.url)
  try {
    await migrate(db, options)
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

function openForWriting<DB>(path: string): Kysely<DB> {
  // SQLite gives the files beside it (-wal, -shm) the mode of the main file.
  closeSync(openSync(path, 'a', FILE_MODE))
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  database.exec('pragma journal_mode = wal')
  // FULL: in WAL mode anything less loses acknowledged commits when the power fails.
  database.exec('pragma synchronous = full')
  return new Kysely<DB>({ dialect: nodeSqliteDialect(database) })
}

async function migrate<DB>(db: Kysely<DB>, { url, migrations }: EngineOptions): Promise<string[]> {
  const { applied, pending } = await readSchemaState(db, migrations)
  if (pending.length === 0) return []
  const newest = applied.at(-1)
  if (newest !== undefined) copyBeside(url, newest)
  return runMigrations(db, migrations)
}

/** A whole copy, named after the schema that it has: what an operator goes back to when the new version does not suit. */
function copyBeside(path: string, newestMigration: string): void {
  const partial = `${path}.${process.pid}.partial`
  rmSync(partial, { force: true })
  closeSync(openSync(partial, 'wx', FILE_MODE))
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    database.prepare('vacuum into ?').run(partial)
  } finally {
    database.close()
  }
  const file = openSync(partial, 'r+')
  fsyncSync(file)
  closeSync(file)
  renameSync(partial, `${path}.${newestMigration}.copy`)
}
