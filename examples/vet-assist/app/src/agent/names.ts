// Ids mean nothing to people. What earlier answers of the clinic said about an id tells what it stands for.
import { instantInWords } from './times.ts'

/** What each id stands for, from the structured results of calls in this conversation; never from a model. */
export function namesIn(results: readonly unknown[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const result of results) collect(result, names)
  return names
}

function collect(value: unknown, names: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) collect(item, names)
    return
  }
  const fields = value as Record<string, unknown>
  const ids = Object.keys(fields).filter((key) => key.endsWith('Id') && typeof fields[key] === 'string')
  ids.forEach((key, index) => {
    const stem = key.slice(0, -'Id'.length)
    // The first id of an object is its own, and `name` belongs to it; others come with names of their own, as `petName`.
    const name = textOf(fields, `${stem}Name`) ?? (index === 0 ? describe(fields) : undefined)
    if (name !== undefined) names.set(String(fields[key]), name)
  })
  for (const item of Object.values(fields)) collect(item, names)
}

function describe(fields: Record<string, unknown>): string | undefined {
  const startsAt = textOf(fields, 'startsAt') ?? textOf(fields, 'dueAt')
  const what = [textOf(fields, 'petName'), textOf(fields, 'message') ?? textOf(fields, 'kind')]
    .filter(Boolean)
    .join(', ')
  if (startsAt !== undefined && what !== '') return `${what}, ${instantInWords(startsAt)}`
  return textOf(fields, 'name') ?? textOf(fields, 'title') ?? textOf(fields, 'subject')
}

function textOf(fields: Record<string, unknown>, key: string): string | undefined {
  const value = fields[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}
