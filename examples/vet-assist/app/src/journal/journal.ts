// Owns the OAuth and MCP messages of a conversation, as the drawer shows them. They come with secrets masked.
import type { DatabaseSync } from 'node:sqlite'
import type { JournalEntry } from '../wire.ts'
import { type Explained, explain } from './explain.ts'

export interface Journal {
  add: (conversation: string, message: Explained) => void
  entries: (conversation: string) => JournalEntry[]
  count: (conversation: string) => number
  forget: (conversation: string) => void
}

/** The oldest go first; nobody reads more than this. */
const MOST = 500
const LONGEST_BODY = 20_000

export function createJournal(db: DatabaseSync, onAdd: (conversation: string, count: number) => void): Journal {
  const insert = db.prepare('insert into journal (conversation, body) values (?, ?)')
  const trim = db.prepare(
    'delete from journal where conversation = ?1 and seq <= (select seq from journal where conversation = ?1 order by seq desc limit 1 offset ?2)',
  )
  const all = db.prepare('select body from journal where conversation = ? order by seq')
  const count = db.prepare('select count(*) as count from journal where conversation = ?')
  const forget = db.prepare('delete from journal where conversation = ?')
  const countOf = (conversation: string): number => Number(count.get(conversation)?.['count'])

  return {
    add(conversation, message) {
      insert.run(conversation, JSON.stringify(toEntry(message)))
      trim.run(conversation, MOST)
      onAdd(conversation, countOf(conversation))
    },
    entries: (conversation) => all.all(conversation).map((row) => JSON.parse(String(row['body'])) as JournalEntry),
    count: countOf,
    forget: (conversation) => void forget.run(conversation),
  }
}

function toEntry(message: Explained): JournalEntry {
  const { at, kind, direction, summary, method, url, status, headers, body } = message
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return {
    at,
    kind,
    direction,
    summary,
    ...explain(message),
    request: status === undefined ? `${method} ${url}` : `${status}, answer to ${method} ${url}`,
    headers: { ...headers },
    body: text !== null && text.length > LONGEST_BODY ? `${text.slice(0, LONGEST_BODY)}\n…` : text,
  }
}
