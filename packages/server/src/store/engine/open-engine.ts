import type { Engine } from './engine.ts'
import type { Migrations } from './migrate.ts'
import { migratePostgres, openPostgresEngine } from './postgres-engine.ts'
import { migrateSqlite, openSqliteEngine } from './sqlite-engine.ts'

export interface EngineOptions {
  /** `postgres://…`, or the path of an SQLite file in a folder that exists. */
  url: string
  migrations: Migrations
  /** How many units one transaction carries at most. */
  maxGroup: number
}

/** Opens the database. SQLite is migrated first; PostgreSQL is refused until `migrateEngine` has run. */
export async function openEngine<DB>(options: EngineOptions): Promise<Engine<DB>> {
  return isPostgres(options.url) ? openPostgresEngine(options) : openSqliteEngine(options)
}

/** Brings the database to our schema and returns the names of the migrations that ran. */
export async function migrateEngine(options: EngineOptions): Promise<string[]> {
  return isPostgres(options.url) ? migratePostgres(options) : migrateSqlite(options)
}

function isPostgres(url: string): boolean {
  if (/^postgres(ql)?:\/\//.test(url)) return true
  if (url === '' || url === ':memory:' || /^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    throw new Error(`\`${url}\` is not a database: give the path of a file, or a postgres:// URL`)
  }
  return false
}
