import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Rows } from '../store/rows.ts'

/** Rows in a SQLite file, for the processes of one machine. `close` it when the app ends. */
export interface SqliteRows extends Rows {
  close(): void
}

const SCHEMA = `
  create table if not exists connection_rows (key text primary key, value text not null, expires_at integer) strict, without rowid;
  create index if not exists connection_rows_expiry on connection_rows (expires_at) where expires_at is not null;
`

/** Keeps connections in a SQLite file, made at the first start for its owner alone. Each method is one statement or one transaction. */
export function sqliteRows(file: string, now: () => number = Date.now): SqliteRows {
  // SQLite gives the files beside it (-wal, -shm) the mode of the main file.
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file, { timeout: 5_000 })
  db.exec('pragma journal_mode = wal; pragma synchronous = full')
  db.exec(SCHEMA)
  const get = db.prepare('select value from connection_rows where key = ?')
  const insert = db.prepare(
    'insert into connection_rows (key, value, expires_at) values (?, ?, ?) on conflict do nothing',
  )
  const update = db.prepare('update connection_rows set value = ?, expires_at = ? where key = ? and value = ?')
  const remove = db.prepare('delete from connection_rows where key = ? and value = ?')
  const sweep = db.prepare('delete from connection_rows where expires_at <= ?')
  // A range and not LIKE, which folds case and reads `_` and `%`; the last character of Unicode sorts after all that follows.
  const keys = db.prepare('select key from connection_rows where key >= ? and key < ? || char(1114111)')
  return {
    async get(key) {
      return get.get(key)?.['value'] as string | undefined
    },
    async replace(key, before, after, expiresAt) {
      const { changes } =
        after === undefined
          ? remove.run(key, before ?? null)
          : before === undefined
            ? insert.run(key, after, expiresAt ?? null)
            : update.run(after, expiresAt ?? null, key, before)
      if (expiresAt !== undefined) sweep.run(now())
      return changes === 1
    },
    async keys(prefix) {
      return keys.all(prefix, prefix).map((row) => row['key'] as string)
    },
    close: () => db.close(),
  }
}
