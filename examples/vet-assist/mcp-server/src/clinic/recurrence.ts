// Owns when a repeated reminder comes again. Days and longer follow the clinic's clock across its changes, hours are exact.
import { CLINIC_ZONE, dateAt } from './time.ts'

export const REPEAT_UNITS = ['hour', 'day', 'week', 'month', 'year'] as const

export interface Repeat {
  every: number
  unit: (typeof REPEAT_UNITS)[number]
  /** The last calendar date on which it may come; without it, it comes for ever. */
  until: string | null
}

/**
 * The first occurrence after an instant, or `null` when there is none. Counted from the first one, so that the 31st stays the 31st
 * after a month that has no such day.
 */
export function nextOccurrence(firstDueAt: number, repeat: Repeat, after: number): number | null {
  const start = Temporal.Instant.fromEpochMilliseconds(firstDueAt).toZonedDateTimeISO(CLINIC_ZONE)
  const reached = Temporal.Instant.fromEpochMilliseconds(Math.max(after, firstDueAt)).toZonedDateTimeISO(CLINIC_ZONE)
  const elapsed = start.until(reached, { largestUnit: repeat.unit })[`${repeat.unit}s`]
  let count = Math.floor(elapsed / repeat.every)
  let next = start
  do {
    next = start.add({ [`${repeat.unit}s`]: count * repeat.every })
    count += 1
  } while (next.epochMilliseconds <= after)
  const isOver = repeat.until !== null && Temporal.PlainDate.compare(dateAt(next.epochMilliseconds), repeat.until) > 0
  return isOver ? null : next.epochMilliseconds
}
