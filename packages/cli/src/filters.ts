import { CliError } from './cli-error.ts'
import { printable } from './table.ts'

/** A moment in the words of ISO 8601. */
export function parseTime(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new CliError(`\`${printable(text)}\` is no time: write one like 2026-11-24T08:00Z`)
  return time
}

/** How many lines a list has at most. */
export function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new CliError('the limit must be a whole number from 1 to 10000')
  return limit
}
