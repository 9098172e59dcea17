// Owns who is signed in at which browser. The browser has a random name for its session, and the rest stays here.
import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { hashOf, newSecret } from '../store/keys.ts'

export interface Session {
  /** SHA-256 of what the browser's cookie holds. */
  idHash: string
  /** The conversation of this session; a new one begins with each sign-in. */
  conversation: string
  issuer: string
  subject: string
  name: string | null
}

const IDLE_MS = 12 * 60 * 60_000
const LONGEST_MS = 7 * 24 * 60 * 60_000

export interface Sessions {
  begin: (person: Pick<Session, 'issuer' | 'subject' | 'name'>) => { secret: string; session: Session }
  /** The living session of a cookie. */
  find: (secret: string | undefined) => Session | undefined
  /** Gives the session an empty conversation, and says which. */
  renewConversation: (session: Session) => string
  end: (session: Session) => void
  /** Ends what is too old; gives the conversations that went. */
  sweep: () => string[]
}

export function createSessions(db: DatabaseSync, clock: () => number): Sessions {
  const insert = db.prepare('insert into sessions values (?, ?, ?, ?, ?, ?, ?)')
  const byHash = db.prepare('select * from sessions where id_hash = ? and seen_at > ? and created_at > ?')
  const seen = db.prepare('update sessions set seen_at = ? where id_hash = ?')
  const renew = db.prepare('update sessions set conversation = ? where id_hash = ?')
  const remove = db.prepare('delete from sessions where id_hash = ?')
  const sweep = db.prepare('delete from sessions where seen_at <= ? or created_at <= ? returning conversation')

  const toSession = (row: Record<string, unknown> | undefined): Session | undefined =>
    row && {
      idHash: String(row['id_hash']),
      conversation: String(row['conversation']),
      issuer: String(row['issuer']),
      subject: String(row['subject']),
      name: typeof row['name'] === 'string' ? row['name'] : null,
    }

  return {
    begin(person) {
      const secret = newSecret()
      const session = { ...person, idHash: hashOf(secret), conversation: randomUUID() }
      const { idHash, conversation, issuer, subject, name } = session
      const now = clock()
      insert.run(idHash, conversation, issuer, subject, name, now, now)
      return { secret, session }
    },
    find(secret) {
      if (secret === undefined) return undefined
      const now = clock()
      const session = toSession(byHash.get(hashOf(secret), now - IDLE_MS, now - LONGEST_MS))
      if (session) seen.run(now, session.idHash)
      return session
    },
    renewConversation(session) {
      const conversation = randomUUID()
      renew.run(conversation, session.idHash)
      return conversation
    },
    end: (session) => void remove.run(session.idHash),
    sweep() {
      const now = clock()
      return sweep.all(now - IDLE_MS, now - LONGEST_MS).map((row) => String(row['conversation']))
    },
  }
}
