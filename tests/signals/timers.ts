// A clock that a test moves, and the timers of a guard that go by it. Pauses between two tries pass at once.
import type { GuardOptions } from '@permitry/guard'

export interface Timers extends Required<Pick<GuardOptions, 'clock' | 'schedule'>> {
  /** Moves the clock and runs what is due. */
  readonly advance: (milliseconds: number) => void
}

/** No pause is that long, and every limit of a request is. */
const SHORTEST_LIMIT_MS = 1_000

export function createTimers(): Timers {
  let ahead = 0
  const clock = (): number => Date.now() + ahead
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    clock,
    schedule(run, milliseconds) {
      if (!Number.isInteger(milliseconds) || milliseconds < SHORTEST_LIMIT_MS) {
        const pause = setImmediate(run)
        return () => clearImmediate(pause)
      }
      const timer = { at: clock() + milliseconds, run }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    advance(milliseconds) {
      ahead += milliseconds
      for (const timer of waiting) {
        if (timer.at > clock()) continue
        waiting.delete(timer)
        timer.run()
      }
    },
  }
}
