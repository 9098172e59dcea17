import type { Caller } from './claims.ts'

const MAX_CACHED = 2_000

/** Callers that were verified a short time ago, by a hash of their token: a heap dump should not hold tokens. */
export interface TokenCache {
  /** The caller, while what is known of the token is fresh and the token has not ended. */
  get(hash: string): Caller | undefined
  /** To be called before a token is verified; the result keeps the caller, unless `forget` was called meanwhile. */
  prepare(hash: string): (caller: Caller, maxAgeMs: number) => void
  forget(isForgotten: (caller: Caller) => boolean): void
}

export function createTokenCache(clock: () => number): TokenCache {
  const verified = new Map<string, { readonly caller: Caller; readonly from: number; readonly until: number }>()
  let forgotten = 0

  return {
    get(hash) {
      const known = verified.get(hash)
      if (known === undefined) return undefined
      const now = clock()
      // A clock that went back does not make what was verified last any longer.
      if (known.from <= now && now < known.until) return known.caller
      verified.delete(hash)
      return undefined
    },
    prepare(hash) {
      const before = forgotten
      return (caller, maxAgeMs) => {
        // What was found out before a signal or a change of keys may be what they took back.
        if (forgotten !== before) return
        if (verified.size >= MAX_CACHED) {
          const [oldest] = verified.keys()
          if (oldest !== undefined) verified.delete(oldest)
        }
        const from = clock()
        verified.set(hash, { caller, from, until: Math.min(from + maxAgeMs, caller.principal.exp * 1000) })
      }
    },
    forget(isForgotten) {
      forgotten++
      for (const [hash, { caller }] of verified) if (isForgotten(caller)) verified.delete(hash)
    },
  }
}
