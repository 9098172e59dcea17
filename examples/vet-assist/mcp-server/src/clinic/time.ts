/// <reference lib="esnext.temporal" />
// Owns the clinic's idea of time: instants are stored as milliseconds, people and models see the time of the clinic's zone.

/** Where the clinic's clock hangs; it has daylight saving time, so a day can have 23 or 25 hours. */
export const CLINIC_ZONE = 'Europe/London'

/** Milliseconds since the epoch; a parameter wherever "now" matters. */
export type Clock = () => number

/** An instant as the wire has it: ISO 8601 in the clinic's zone, with offset and whole seconds. */
export function toWire(instant: number): string {
  return zoned(instant).toString({ timeZoneName: 'never', smallestUnit: 'second' })
}

/** An ISO 8601 instant with offset, in whole seconds. The schema of the tool has checked the form already. */
export function fromWire(text: string): number {
  return Math.floor(Temporal.Instant.from(text).epochMilliseconds / 1000) * 1000
}

/** The clinic's local view of an instant. */
export function zoned(instant: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(CLINIC_ZONE)
}

/** The calendar date at the clinic. */
export function dateAt(instant: number): Temporal.PlainDate {
  return zoned(instant).toPlainDate()
}

/** The instant at which the clinic's clock shows `time` on `date`; in the hour that spring skips, the time after the gap. */
export function instantAt(date: Temporal.PlainDate, time: string): number {
  return date.toZonedDateTime({ timeZone: CLINIC_ZONE, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds
}

/** An instant in words for the short text of an answer: `Tue 1 Dec 2026, 09:15`. */
export function inWords(instant: number): string {
  const at = zoned(instant)
  return `${at.toLocaleString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })}, ${at.toPlainTime().toString({ smallestUnit: 'minute' })}`
}

/** A calendar date in words: `Tue 1 Dec 2026`. */
export function dateInWords(date: string): string {
  return Temporal.PlainDate.from(date).toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
}
