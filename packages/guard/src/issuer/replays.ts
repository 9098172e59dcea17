/** A proof that was shown: by which key, under which id, and until when it could be shown again. */
export interface SpentProof {
  readonly jkt: string
  readonly jti: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Remembers which proofs were shown, so that each counts once (RFC 9449 §11.1). The one that guards bring along is in their
 * process; processes that stand behind one address need one that they share, whose `spend` must be atomic.
 */
export interface ReplayStore {
  /** Marks a proof as spent; `false` when it was already. Throws when it cannot tell, which refuses the request. */
  readonly spend: (proof: SpentProof) => boolean | Promise<boolean>
}

const MAX_PROOFS = 100_000

/**
 * A store in memory. Beyond its bound the key that has shown most loses the oldest: whoever shows proofs without end takes
 * protection from nobody but themselves.
 */
export function createReplayStore(clock: () => number, maxProofs = MAX_PROOFS): ReplayStore {
  /** In order of arrival, which is nearly that of expiry. */
  const spent = new Map<string, SpentProof>()
  const byKey = new Map<string, Set<string>>()

  function forget(id: string, { jkt }: SpentProof): void {
    spent.delete(id)
    const ids = byKey.get(jkt)
    ids?.delete(id)
    if (ids?.size === 0) byKey.delete(jkt)
  }

  function forgetExpired(): void {
    for (const [id, proof] of spent) {
      if (proof.expiresAt > clock()) return
      forget(id, proof)
    }
  }

  function forgetOne(): void {
    let most = new Set<string>()
    for (const ids of byKey.values()) if (ids.size > most.size) most = ids
    const [id = ''] = most
    const proof = spent.get(id)
    if (proof !== undefined) forget(id, proof)
  }

  return {
    spend(proof) {
      const id = JSON.stringify([proof.jkt, proof.jti])
      forgetExpired()
      if (spent.has(id)) return false
      if (spent.size >= maxProofs) forgetOne()
      spent.set(id, proof)
      const ids = byKey.get(proof.jkt) ?? new Set()
      byKey.set(proof.jkt, ids.add(id))
      return true
    },
  }
}
