import type { Transaction } from 'kysely'
import type { Engine } from './engine/engine.ts'
import type { Database } from './schema.ts'

/** Everything that Permitry remembers. */
export interface Store extends Engine<Database> {
  /**
   * Calls `listener` with the tenant after each COMMIT of this process that revoked something; what it returns ends that. Other
   * processes on the same database do not ring here.
   */
  onRevoked(listener: (tenant: string) => void): () => void
}

/** The transaction of one unit of work: what a repository writes through. */
export type Tx = Transaction<Database>
