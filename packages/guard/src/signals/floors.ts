/** What a revocation names. `everybody` is all that the issuer has signed. */
export type RevokedKind = 'subject' | 'family' | 'client' | 'everybody'

/** Access that was taken away: tokens of this name with a lower epoch are refused from now on. */
export interface Revocation {
  readonly kind: RevokedKind
  /** Empty for everybody. */
  readonly id: string
  readonly epoch: number
  /** When, by the clock of the issuer: milliseconds since the epoch of Unix. */
  readonly at: number
}

/** The names by which a token can be revoked, by the claims of RFC 9068 and `fam`. */
export interface TokenNames {
  readonly sub: string
  readonly client_id: string
  readonly fam?: string
}

/** The lowest epoch that is still accepted, by name. Of one issuer. */
export interface Floors {
  /** Raises a floor; one that is as high already stays as it is, so order and repetition are of no account. */
  raise(revocation: Revocation): void
  isRevoked(names: TokenNames, epoch: number | undefined): boolean
  /** How many names have a floor, for the status. */
  readonly size: number
}

/**
 * How long a floor has to stay: Permitry's access tokens live for an hour at most, and a guard allows their clocks to
 * differ by half a minute. What is older than that has ended by itself.
 */
const LIFE_MS = 3_600_000 + 60_000
const MAX_NAMES = 100_000

interface Floor {
  readonly epoch: number
  /** When the last token below it has expired. */
  readonly until: number
}

/**
 * Keeps the floors of an issuer, each for as long as a token could live that it refuses. Beyond `maxNames` the oldest
 * become one for everybody: people then get new tokens that they did not need, and nobody keeps one that was revoked.
 */
export function createFloors(clock: () => number, maxNames = MAX_NAMES): Floors {
  /** In the order in which they were raised, so that the first is the first to end. */
  const names = new Map<string, Floor>()
  let everybody: Floor = { epoch: -Infinity, until: -Infinity }

  const isBelow = (floor: Floor | undefined, epoch: number, now: number): boolean =>
    floor !== undefined && epoch < floor.epoch && now < floor.until

  function drop(now: number): void {
    for (const [name, floor] of names) {
      if (now < floor.until && names.size <= maxNames) return
      names.delete(name)
      if (now < floor.until) everybody = higher(everybody, floor)
    }
  }

  return {
    raise({ kind, id, epoch, at }) {
      const floor = { epoch, until: at + LIFE_MS }
      const now = clock()
      if (floor.until <= now) return
      if (kind === 'everybody') {
        everybody = higher(everybody, floor)
        return
      }
      const name = nameOf(kind, id)
      const known = names.get(name)
      names.delete(name)
      names.set(name, known === undefined ? floor : higher(known, floor))
      drop(now)
    },
    isRevoked({ sub, client_id, fam }, epoch = -Infinity) {
      const now = clock()
      if (isBelow(everybody, epoch, now)) return true
      // Most of the time nothing is revoked, and this stands before every call.
      if (names.size === 0) return false
      return (
        isBelow(names.get(nameOf('subject', sub)), epoch, now) ||
        isBelow(names.get(nameOf('client', client_id)), epoch, now) ||
        (fam !== undefined && isBelow(names.get(nameOf('family', fam)), epoch, now))
      )
    },
    get size() {
      return names.size
    },
  }
}

/** Both the higher epoch and the later end, whichever of the two has them: a floor never refuses less than either. */
function higher(a: Floor, b: Floor): Floor {
  return { epoch: Math.max(a.epoch, b.epoch), until: Math.max(a.until, b.until) }
}

function nameOf(kind: RevokedKind, id: string): string {
  return `${kind} ${id}`
}
