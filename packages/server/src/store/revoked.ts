import type { Transaction } from 'kysely'
import type { Engine } from './engine/engine.ts'
import type { Database } from './schema.ts'
import type { Store } from './store.ts'

/** The tenants in which a unit has revoked something, by the unit's transaction. */
const revokedIn = new WeakMap<object, Set<string>>()

/** Notes that the unit behind `tx` revokes something in a tenant; said aloud after COMMIT, if there is one. */
export function noteRevoked(tx: object, tenant: string): void {
  revokedIn.get(tx)?.add(tenant)
}

/** An engine that tells who listens of revocations, after COMMIT has returned and only of its own. */
export function tellRevocations(engine: Engine<Database>): Store {
  const listeners = new Set<(tenant: string) => void>()
  return {
    ...engine,
    async unit<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
      let tenants = new Set<string>()
      const result = await engine.unit((tx) => {
        // A group may run again, with another transaction.
        tenants = new Set()
        revokedIn.set(tx, tenants)
        return work(tx)
      })
      for (const tenant of tenants) for (const listener of listeners) listener(tenant)
      return result
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
