import type { Principal } from './types.ts'

const MAX_OWNED = 10_000

/** What callers have opened, by id: sessions of the legacy era, tasks of both. */
export interface Owned<T> {
  /** Notes what a handler has opened for a caller. An id that is there already stays with whoever has it. */
  remember(id: string, principal: Principal, value: T): void
  /** What was noted, for its owner; undefined for everybody else. What nobody remembers is nobody's. */
  find(id: string, principal: Principal): T | undefined
}

/**
 * Binds ids to person and client. An id is no proof of who calls: each request has its token, and here it is made sure
 * that the two belong together. Kept in the process, as the MCP SDKs keep the sessions themselves; beyond 10,000 the
 * person who has most loses the one not used for longest, whose client starts anew: whoever opens without end displaces
 * nobody's but their own.
 */
export function createOwned<T>(): Owned<T> {
  const entries = new Map<string, { readonly owner: string; readonly value: T }>()
  /** Ids of each person, whatever the client: one person can bring many clients, but not many persons. */
  const byPerson = new Map<string, Set<string>>()

  function idsOf({ iss, sub }: Principal): Set<string> {
    const person = JSON.stringify([iss, sub])
    const ids = byPerson.get(person) ?? new Set()
    byPerson.set(person, ids)
    return ids
  }

  function forgetOne(): void {
    let [person, most]: [string, Set<string>] = ['', new Set()]
    for (const entry of byPerson) if (entry[1].size > most.size) [person, most] = entry
    const [oldest = ''] = most
    entries.delete(oldest)
    most.delete(oldest)
    if (most.size === 0) byPerson.delete(person)
  }

  return {
    remember(id, principal, value) {
      if (entries.has(id)) return
      if (entries.size >= MAX_OWNED) forgetOne()
      entries.set(id, { owner: ownerOf(principal), value })
      idsOf(principal).add(id)
    },
    find(id, principal) {
      const entry = entries.get(id)
      if (entry?.owner !== ownerOf(principal)) return undefined
      // Moved to the end: a Set iterates in order of insertion, so the first is the one not used for longest.
      const ids = idsOf(principal)
      ids.delete(id)
      ids.add(id)
      return entry.value
    },
  }
}

function ownerOf({ iss, sub, client_id }: Principal): string {
  return JSON.stringify([iss, sub, client_id])
}
