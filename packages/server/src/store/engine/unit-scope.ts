import type { KyselyPlugin, Transaction } from 'kysely'

/** One writer: a connection's worth of committed transactions in a row. Its identity is all that others may use. */
export interface Lane {
  readonly kind: 'lane'
}

export const newLane = (): Lane => ({ kind: 'lane' })

/** What belongs to one run of one unit. Whoever keeps memory beside the database asks for it, to forget what did not happen. */
export interface UnitScope {
  /**
   * INVARIANT (lane memory): what a lane's committed units have written is known to be there. After a transaction that failed as
   * a whole, and so may or may not be there, the next unit finds a new lane.
   */
  readonly lane: Lane
  /** Calls `undo` when this unit alone is rolled back, newest first. */
  onRollback(undo: () => void): void
}

const scopes = new WeakMap<object, UnitScope>()

/** The scope of a unit's `tx`; throws for a transaction that no unit was given. */
export function unitScope<DB>(tx: Transaction<DB>): UnitScope {
  const scope = scopes.get(tx)
  if (!scope) throw new Error('not the transaction of a unit')
  return scope
}

export interface OpenUnitScope<DB> {
  tx: Transaction<DB>
  undo(): void
  end(): void
}

/** Gives a unit its own view of the group's transaction, which refuses queries once the unit has ended. */
export function openUnitScope<DB>(groupTx: Transaction<DB>, lane: Lane): OpenUnitScope<DB> {
  const undos: (() => void)[] = []
  let ended = false
  const refuseWhenEnded: KyselyPlugin = {
    transformQuery({ node }) {
      // A query that the unit forgot to await would land in the savepoint of the unit after it.
      if (ended) throw new Error('this unit has ended: await every query in it')
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const tx = groupTx.withPlugin(refuseWhenEnded)
  scopes.set(tx, { lane, onRollback: (undo) => void undos.push(undo) })
  return {
    tx,
    undo: () =>
      undos
        .splice(0)
        .reverse()
        .forEach((undo) => undo()),
    end: () => void (ended = true),
  }
}
