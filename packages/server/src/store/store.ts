import type { Transaction } from 'kysely'
import type { Engine } from './engine/engine.ts'
import type { Database } from './schema.ts'

/** Everything that Permitry remembers. */
export type Store = Engine<Database>

/** The transaction of one unit of work: what a repository writes through. */
export type Tx = Transaction<Database>
