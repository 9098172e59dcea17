import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'

/** Migrations by name; names sort in the order in which they were written (`0001-first`). */
export type Migrations = Readonly<Record<string, Migration>>

export interface SchemaState {
  /** Names of the migrations that the database has seen, in order. */
  applied: readonly string[]
  pending: readonly string[]
}

/** The database was written by a newer version than this one: reading it could lose what that version has stored. */
class NewerSchemaError extends Error {
  override name = 'NewerSchemaError'

  constructor(unknown: readonly string[]) {
    super(
      `the database has the migration ${unknown.map((name) => `\`${name}\``).join(', ')}, which this version of permitry does not know: run the newer version, or restore the copy that was made before it`,
    )
  }
}

/** Compares the database with the migrations that we know, and refuses one that is ahead of them. */
export async function readSchemaState<DB>(db: Kysely<DB>, migrations: Migrations): Promise<SchemaState> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const applied = tables.some(({ name }) => name === 'kysely_migration') ? await readApplied(db) : []
  const unknown = applied.filter((name) => !(name in migrations))
  if (unknown.length > 0) throw new NewerSchemaError(unknown)
  return {
    applied,
    pending: Object.keys(migrations)
      .filter((name) => !applied.includes(name))
      .sort(),
  }
}

async function readApplied<DB>(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return rows.map(({ name }) => name).sort()
}

/** Runs what is pending in one transaction and returns its names. Two processes that start together migrate once. */
export async function runMigrations<DB>(db: Kysely<DB>, migrations: Migrations): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be migrated and is as it was', { cause: error })
  return results.map(({ migrationName }) => migrationName)
}
