import type { Compilable, Kysely, Transaction } from 'kysely'

/**
 * The three ways to reach the database, alike on SQLite and PostgreSQL (design decisions 3 and 4).
 */
export interface Engine<DB> {
  /**
   * Runs `work` as one unit of work and resolves after COMMIT has returned. Units that arrive meanwhile share one transaction,
   * each in a savepoint: a unit that throws is rolled back alone, and its caller gets the error.
   *
   * What a unit may rely on and must keep to:
   * - It awaits nothing but `tx` and touches nothing else, because a group may run again after a serialization failure or a
   *   deadlock, and because on SQLite every other unit waits for it.
   * - It signals an expected conflict by zero rows (`update … where consumed_at is null`), never by an exception that it catches:
   *   on PostgreSQL a failed statement ends the unit.
   * - On PostgreSQL two units may run side by side at READ COMMITTED: whatever a unit decides on stands in the WHERE of its
   *   write, or in a row that it wrote before. It locks rows in key order.
   * - `tx` ends with the unit. Units do not nest.
   *
   * A rejection means that nothing was committed, except when the connection broke during COMMIT: then nobody knows.
   */
  unit<T>(work: (tx: Transaction<DB>) => Promise<T>): Promise<T>

  /**
   * Point reads on a read-only connection. Each query sees what was committed when it ran; two queries may see two states.
   * Not inside a unit, which reads through its own transaction.
   */
  read<T>(work: (db: Kysely<DB>) => Promise<T>): Promise<T>

  /**
   * One query that may scan: read-only and off the event loop, on SQLite in a worker thread with a connection of its own, on
   * PostgreSQL in a READ ONLY transaction on a connection that point reads do not wait for.
   */
  scan<T>(query: (db: Kysely<DB>) => Compilable<T>): Promise<T[]>

  /** Waits for the units that have arrived, refuses new ones, and closes every connection. */
  close(): Promise<void>
}
