import { formatTable, printable } from './table.ts'

/** What a program gets as one object, for people: a line for each member, and a table for lists of things. */
export function formatMembers(members: Readonly<Record<string, unknown>>): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (isListOfThings(value) ? `${name}:\n${indent(tableOf(value))}` : `${name}: ${show(value)}`))
    .join('\n')
}

type Thing = Readonly<Record<string, unknown>>

function isListOfThings(value: unknown): value is readonly Thing[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null)
}

function tableOf(things: readonly Thing[]): string {
  const headings = [...new Set(things.flatMap((thing) => Object.keys(thing)))]
  return formatTable(
    headings.map((heading) => heading.replaceAll('_', ' ')),
    things.map((thing) => headings.map((heading) => (thing[heading] === undefined ? '' : show(thing[heading])))),
  )
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}

function show(value: unknown): string {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return printable(value.join(' ')) || '(none)'
  return printable(JSON.stringify(value))
}
