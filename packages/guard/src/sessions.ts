import type { Principal } from './types.ts'

const MAX_SESSIONS = 10_000

/** Who opened which session of the legacy era. */
export interface Sessions {
  /** Notes the session that a handler has opened for a caller. */
  remember(sessionId: string, principal: Principal): void
  /** Says whether the session is the caller's own. A session that nobody remembers is nobody's. */
  isOwn(sessionId: string, principal: Principal): boolean
}

/**
 * Binds sessions to person and client. A session id is no proof of who calls: each request has its token, and here it is
 * made sure that the two belong together. Kept in the process, as the MCP SDKs keep the sessions themselves; beyond
 * 10,000 the person who has most loses the one not used for longest, whose client starts anew: whoever opens sessions
 * without end displaces nobody's but their own.
 */
export function createSessions(): Sessions {
  const owners = new Map<string, string>()
  /** Session ids of each person, whatever the client: one person can bring many clients, but not many persons. */
  const byPerson = new Map<string, Set<string>>()

  function sessionsOf({ iss, sub }: Principal): Set<string> {
    const person = JSON.stringify([iss, sub])
    const sessions = byPerson.get(person) ?? new Set()
    byPerson.set(person, sessions)
    return sessions
  }

  function forgetOne(): void {
    let [person, most]: [string, Set<string>] = ['', new Set()]
    for (const entry of byPerson) if (entry[1].size > most.size) [person, most] = entry
    const [oldest = ''] = most
    owners.delete(oldest)
    most.delete(oldest)
    if (most.size === 0) byPerson.delete(person)
  }

  return {
    remember(sessionId, principal) {
      if (owners.has(sessionId)) return
      if (owners.size >= MAX_SESSIONS) forgetOne()
      owners.set(sessionId, ownerOf(principal))
      sessionsOf(principal).add(sessionId)
    },
    isOwn(sessionId, principal) {
      if (owners.get(sessionId) !== ownerOf(principal)) return false
      // Moved to the end: a Set iterates in order of insertion, so the first is the one not used for longest.
      const sessions = sessionsOf(principal)
      sessions.delete(sessionId)
      sessions.add(sessionId)
      return true
    },
  }
}

function ownerOf({ iss, sub, client_id }: Principal): string {
  return JSON.stringify([iss, sub, client_id])
}
