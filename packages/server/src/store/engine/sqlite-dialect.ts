import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely'

/** More texts than the product has: only a query with a varying number of parameters ever pushes one out. */
const CACHED_STATEMENTS = 500

/** Kysely on a connection of `node:sqlite`. Transactions take the write lock when they begin. */
export function nodeSqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => new ImmediateDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** SQLite rolls DDL back like anything else, so that the migrator may run all pending migrations in one transaction. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    super({ database: cachingDatabase(database) })
    this.#database = database
  }

  /** BEGIN alone would take the lock at the first write, where a second process makes it fail instead of wait. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** A full disk or an I/O error has rolled back already: a second rollback would hide that error behind its own. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection)
  }
}

/** What Kysely needs of a driver, over prepared statements that are kept by their text. */
function cachingDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known !== undefined) return known
      const statement = prepareStatement(database, sql)
      if (statements.size >= CACHED_STATEMENTS) statements.delete(statements.keys().next().value ?? '')
      statements.set(sql, statement)
      return statement
    },
  }
}

function prepareStatement(database: DatabaseSync, sql: string): SqliteStatement {
  const statement = database.prepare(sql)
  return {
    reader: statement.columns().length > 0,
    // node:sqlite makes rows without a prototype and pg ordinary ones: the same test must compare both.
    all: (parameters) => statement.all(...bindable(parameters)).map((row) => ({ ...row })),
    run: (parameters) => statement.run(...bindable(parameters)),
    iterate() {
      // A kept statement has one cursor, and two readers would move it under each other.
      throw new Error('streaming is not supported: read pages by key instead')
    },
  }
}

/** node:sqlite itself refuses what it cannot bind, so this narrows the type and checks nothing. */
function bindable(parameters: ReadonlyArray<unknown>): SQLInputValue[] {
  return parameters as SQLInputValue[]
}
