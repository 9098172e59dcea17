const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

const minute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** "1 day", "14 days". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** A wait that a person can plan with: never shorter than the real one. */
export function waitInWords(seconds: number): string {
  if (seconds < 60) return count(Math.max(1, Math.ceil(seconds)), 'second')
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? count(minutes, 'minute') : count(Math.ceil(minutes / 60), 'hour')
}

/** "24 November 2026", in UTC. */
export function dateInWords(at: number): string {
  return day.format(at)
}

/** "24 Nov 2026, 14:02 UTC". */
export function minuteInWords(at: number): string {
  return `${minute.format(at)} UTC`
}
