import { sql, type Kysely, type Transaction } from 'kysely'
import { openUnitScope, type Lane } from './unit-scope.ts'

export type Work<DB> = (tx: Transaction<DB>) => Promise<unknown>
export type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown }

/**
 * Runs the units of a group one after the other in one transaction and returns what became of each, after COMMIT.
 * Throws when the transaction as a whole failed: then no outcome is true, and COMMIT itself may be in doubt.
 */
export async function commitGroup<DB>(db: Kysely<DB>, lane: Lane, group: readonly Work<DB>[]): Promise<Outcome[]> {
  const [first, ...others] = group
  if (first && others.length === 0) return [await commitAlone(db, lane, first)]
  return beginTransaction(db).execute(async (tx) => {
    const outcomes: Outcome[] = []
    for (const work of group) outcomes.push(await runInSavepoint(tx, lane, work))
    return outcomes
  })
}

/** A unit that is alone needs no savepoint: its transaction is rolled back in its place. */
async function commitAlone<DB>(db: Kysely<DB>, lane: Lane, work: Work<DB>): Promise<Outcome> {
  let failure: { error: unknown } | undefined
  try {
    const value = await beginTransaction(db).execute(async (groupTx) => {
      const scope = openUnitScope(groupTx, lane)
      try {
        return await work(scope.tx)
      } catch (error) {
        failure = { error }
        scope.undo()
        throw error
      } finally {
        scope.end()
      }
    })
    return { ok: true, value }
  } catch (error) {
    if (failure && !asksForAnotherTry(failure.error)) return { ok: false, error: failure.error }
    throw error
  }
}

async function runInSavepoint<DB>(groupTx: Transaction<DB>, lane: Lane, work: Work<DB>): Promise<Outcome> {
  await sql`savepoint unit`.execute(groupTx)
  const scope = openUnitScope(groupTx, lane)
  let outcome: Outcome
  try {
    const value = await work(scope.tx)
    scope.end()
    // Fails when the unit has caught the error of a statement: PostgreSQL then has nothing left to release.
    await sql`release savepoint unit`.execute(groupTx)
    outcome = { ok: true, value }
  } catch (error) {
    scope.end()
    if (asksForAnotherTry(error)) throw error
    await sql`rollback to savepoint unit`.execute(groupTx)
    await sql`release savepoint unit`.execute(groupTx)
    scope.undo()
    outcome = { ok: false, error }
  }
  return outcome
}

/** READ COMMITTED whatever the server's default is: `Engine.unit` describes it. SQLite knows one level and ignores this. */
function beginTransaction<DB>(db: Kysely<DB>) {
  return db.transaction().setIsolationLevel('read committed')
}

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'

/** PostgreSQL's "run the transaction again", also when a unit has wrapped the error. */
export function asksForAnotherTry(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED || asksForAnotherTry(error.cause)
}
