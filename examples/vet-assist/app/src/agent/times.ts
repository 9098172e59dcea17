/// <reference lib="esnext.temporal" />
// Times as people say them. An instant keeps the clock that it was written for: its own offset, not the reader's zone.

const DAY = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const

/** `2026-12-01T09:15:00+00:00` as `Tuesday 1 December 2026, 09:15`. */
export function instantInWords(text: string): string {
  const [date = '', time = ''] = text.split('T')
  return `${dateInWords(date)}, ${time.slice(0, 5)}`
}

/** `2026-12-01` as `Tuesday 1 December 2026`. */
export function dateInWords(text: string): string {
  return Temporal.PlainDate.from(text).toLocaleString('en-GB', DAY).replace(',', '')
}

/** What a clock in the zone shows, for a model that has no clock. */
export function nowInWords(now: number, zone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone)
  return `${dateInWords(zoned.toPlainDate().toString())}, ${zoned.toPlainTime().toString({ smallestUnit: 'minute' })}`
}
