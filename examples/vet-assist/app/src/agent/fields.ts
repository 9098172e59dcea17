import type { Field } from '../wire.ts'
import { dateInWords, instantInWords } from './times.ts'
import { visible } from './visible.ts'

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)$/
const DATE = /^\d{4}-\d\d-\d\d$/

/** The arguments of a call for a card: all of them, whole, in words where the clinic or the calendar has some. */
export function fieldsOf(args: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>): Field[] {
  return Object.entries(args).map(([key, value]) => {
    const raw = visible(typeof value === 'string' ? value : JSON.stringify(value))
    const words = visible(inWords(value, names))
    return { label: labelOf(key), value: words, ...(words !== raw && { raw }) }
  })
}

function inWords(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === null) return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'string') return JSON.stringify(value)
  const name = names.get(value)
  if (name !== undefined) return name
  try {
    if (INSTANT.test(value)) return instantInWords(value)
    if (DATE.test(value)) return dateInWords(value)
  } catch {
    // 2026-02-30 is no date: it is shown as it is, and the server will say so.
  }
  return value
}

/** `startsAt` as `Starts at`, `petId` as `Pet`, `weightKg` as `Weight (kg)`. */
function labelOf(key: string): string {
  const words = key
    .replace(/(.)Id$/, '$1')
    .replace(/(.)Kg$/, '$1 (kg)')
    .replaceAll(/([a-z\d])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  return visible(words.charAt(0).toUpperCase() + words.slice(1))
}
