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
 * 10,000 the ones not used for longest are forgotten, and their clients start anew.
 */
export function createSessions(): Sessions {
  const owners = new Map<string, string>()
  return {
    remember(sessionId, principal) {
      if (owners.has(sessionId)) return
      if (owners.size >= MAX_SESSIONS) {
        const [oldest] = owners.keys()
        if (oldest !== undefined) owners.delete(oldest)
      }
      owners.set(sessionId, ownerOf(principal))
    },
    isOwn(sessionId, principal) {
      const owner = owners.get(sessionId)
      if (owner === undefined || owner !== ownerOf(principal)) return false
      // Moved to the end: a Map iterates in order of insertion, so the first is the one not used for longest.
      owners.delete(sessionId)
      owners.set(sessionId, owner)
      return true
    },
  }
}

function ownerOf({ iss, sub, client_id }: Principal): string {
  return JSON.stringify([iss, sub, client_id])
}
