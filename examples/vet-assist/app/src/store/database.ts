import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const SCHEMA = `
  create table if not exists sessions (
    id_hash text primary key, conversation text not null unique, issuer text not null, subject text not null,
    name text, created_at integer not null, seen_at integer not null
  ) strict;
  create table if not exists sign_ins (
    state_hash text primary key, browser_hash text not null, verifier text not null, nonce text not null,
    question text, url text not null, expires_at integer not null
  ) strict;
  create table if not exists items (
    conversation text not null, seq integer primary key autoincrement, id text not null unique, state text not null,
    body text not null
  ) strict;
  create index if not exists items_by_conversation on items (conversation, seq);
  create table if not exists journal (
    conversation text not null, seq integer primary key autoincrement, body text not null
  ) strict;
  create index if not exists journal_by_conversation on journal (conversation, seq);
  create table if not exists known_tools (
    person text not null, name text not null, definition text not null, primary key (person, name)
  ) strict;
`

/** The app's own file, for its own user: sessions and conversations. Tokens for the clinic are elsewhere, and sealed. */
export function openDatabase(file: string): DatabaseSync {
  // SQLite gives the files beside it (-wal, -shm) the mode of the main file.
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
  const db = new DatabaseSync(file, { timeout: 5_000 })
  db.exec('pragma journal_mode = wal; pragma synchronous = full')
  db.exec(SCHEMA)
  return db
}

/** Conversations end with their sessions; what came after that end is swept at a start. */
export function forgetOrphans(db: DatabaseSync): void {
  for (const table of ['items', 'journal'])
    db.exec(`delete from ${table} where conversation not in (select conversation from sessions)`)
}
