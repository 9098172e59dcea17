import { AsyncLocalStorage } from 'node:async_hooks'
import type { Kysely, Transaction } from 'kysely'
import { asksForAnotherTry, commitGroup, type Outcome, type Work } from './group-commit.ts'
import { newLane, type Lane } from './unit-scope.ts'

export interface UnitQueueOptions {
  /** How many groups may be under way at once, each on a connection of its own. */
  lanes: number
  /** How many units one transaction carries at most: it bounds what a failed COMMIT takes along, and how long locks are held. */
  maxGroup: number
  /** How often a group runs in all when the database asks for another try. */
  maxAttempts: number
}

/** Group commit as `Engine.unit` promises it: units wait here until a lane is free, and a lane takes all that wait. */
export interface UnitQueue<DB> {
  unit: <T>(work: (tx: Transaction<DB>) => Promise<T>) => Promise<T>
  /** Runs what must not run inside a unit, because it would see the database as it was before that unit. */
  outsideUnits: <T>(run: () => Promise<T>) => Promise<T>
  /** Refuses what comes from now on, settles the units that have arrived, then releases the connections, once. */
  close: (release: () => Promise<void>) => Promise<void>
}

interface WaitingUnit<DB> {
  work: Work<DB>
  settle: (outcome: Outcome) => void
}

export function createUnitQueue<DB>(db: Kysely<DB>, options: UnitQueueOptions): UnitQueue<DB> {
  const insideUnit = new AsyncLocalStorage<true>()
  const waiting: WaitingUnit<DB>[] = []
  const idleLanes: Lane[] = Array.from({ length: options.lanes }, newLane)
  const drained = Promise.withResolvers<void>()
  let closed: Promise<void> | undefined

  function unit<T>(work: (tx: Transaction<DB>) => Promise<T>): Promise<T> {
    if (insideUnit.getStore()) return Promise.reject(new Error('a unit must not start another: pass `tx` on instead'))
    if (closed) return Promise.reject(new Error('the store is closed'))
    // A lane runs in the async context of whichever unit woke it; the work must run in that of its own caller.
    const inCallersContext = AsyncLocalStorage.snapshot()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    waiting.push({
      work: (tx) => inCallersContext(() => insideUnit.run(true, () => work(tx))),
      settle: (outcome) => (outcome.ok ? resolve(outcome.value as T) : reject(outcome.error)),
    })
    wakeLane()
    return promise
  }

  async function outsideUnits<T>(run: () => Promise<T>): Promise<T> {
    if (insideUnit.getStore()) throw new Error('a unit reads through its own `tx`')
    if (closed) throw new Error('the store is closed')
    return run()
  }

  function wakeLane(): void {
    const lane = idleLanes.pop()
    // Not at once: on SQLite a group runs without a pause, so the requests that are here already must reach the queue first.
    // Nor after a time: a unit that is alone waits for nobody.
    if (lane) setImmediate(() => void workOff(lane))
  }

  async function workOff(lane: Lane): Promise<void> {
    const group = waiting.splice(0, options.maxGroup)
    idleLanes.push(group.length === 0 ? lane : await runGroup(lane, group))
    if (waiting.length > 0) wakeLane()
    else if (closed && isIdle()) drained.resolve()
  }

  /** Settles every unit of the group and returns the lane for the next one (`UnitScope`, lane memory). */
  async function runGroup(lane: Lane, group: readonly WaitingUnit<DB>[]): Promise<Lane> {
    const works = group.map(({ work }) => work)
    for (let attempt = 1; ; attempt++) {
      try {
        const outcomes = await commitGroup(db, lane, works)
        outcomes.forEach((outcome, index) => group[index]?.settle(outcome))
        return lane
      } catch (error) {
        lane = newLane()
        if (asksForAnotherTry(error) && attempt < options.maxAttempts) continue
        for (const { settle } of group) settle({ ok: false, error })
        return lane
      }
    }
  }

  function isIdle(): boolean {
    return waiting.length === 0 && idleLanes.length === options.lanes
  }

  function close(release: () => Promise<void>): Promise<void> {
    closed ??= drained.promise.then(release)
    if (isIdle()) drained.resolve()
    return closed
  }

  return { unit, outsideUnits, close }
}
