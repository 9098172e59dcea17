// Arguments for methods of repositories, made of what a tenant holds, by the names that the sources give to parameters.
import fc from 'fast-check'
import { inTenant } from '../in-tenant.ts'
import type { Tx } from '../store.ts'
import { DAY, MINUTE, NOW } from './story.ts'

export type Row = Readonly<Record<string, unknown>>

/** Repositories whose tables have another name. */
const STEMS: Readonly<Record<string, string>> = { registrations: 'client', agents: 'subject' }

/** The parameters of a method as its source writes them: Node runs the sources, only types are blanked out. */
export function parametersOf(method: string): string[] {
  const [repository = '', name = ''] = method.split('.')
  const repositories = inTenant({} as Tx, '') as unknown as Record<string, Record<string, () => unknown>>
  const source = String(repositories[repository]?.[name])
  const list = source.slice(source.indexOf('(') + 1)
  const parameters = ['']
  let depth = 0
  for (const letter of list) {
    if (letter === ')' && depth === 0) break
    if ('{(['.includes(letter)) depth += 1
    if ('})]'.includes(letter)) depth -= 1
    if (letter === ',' && depth === 0) parameters.push('')
    else parameters.push(`${parameters.pop() ?? ''}${letter}`)
  }
  return parameters.map((text) => text.replace(/=.*/s, '').trim()).filter((text) => text !== '')
}

const NUMBER = /^(now|at|since|\w+At|windowMs|most|count|freshUntil|failures|catalogueVersion)$/

/** Makes arguments for a method of what a tenant holds, by the names of its parameters. */
export function argumentsOf(
  method: string,
  tables: readonly (readonly [table: string, rows: readonly Row[]])[],
): fc.Arbitrary<unknown[]> {
  const all = tables.flatMap(([, rows]) => rows)
  // The rows of the tables that the repository is about: `serverDefinitions` of `servers`, `server_names`, ...
  const repository = method.replace(/\..*/, '')
  const words = (STEMS[repository] ?? repository).split(/(?=[A-Z])/)
  const stems = words.map((word) => word.toLowerCase().replace(/s$/, ''))
  const about = tables.filter(([table]) => stems.some((stem) => table.includes(stem))).flatMap(([, rows]) => rows)
  const own = about.length > 0 ? about : all

  const valuesOf = (rows: readonly Row[], name: string): string[] =>
    rows
      .map(toRecord)
      .flatMap((row) => [row[name], row[`${name}Id`]])
      .filter((value) => typeof value === 'string')
  const found = (name: string): fc.Arbitrary<string> | undefined => {
    const [near, far] = [valuesOf(own, name), valuesOf(all, name)]
    if (near.length > 0) return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...near) }, fc.constantFrom(...far))
    return far.length > 0 ? fc.constantFrom(...far) : undefined
  }
  const text = fc.constantFrom(...all.flatMap((row) => Object.values(row)).filter((value) => typeof value === 'string'))
  // Of everything something, so that whatever a method reads of an object is there; a row of its own has its way.
  const everything = Object.assign({}, ...all.map(toRecord)) as Record<string, unknown>
  const row = fc.constantFrom(...own).map(withoutTenant)
  const record = row.map((last) => ({ ...everything, ...toRecord(last) }))
  const anything = fc.oneof(text, record, record, row, fc.array(record, { minLength: 1, maxLength: 2 }))

  const named = (name: string): fc.Arbitrary<unknown> => {
    if (NUMBER.test(name)) return fc.constantFrom(NOW, NOW + MINUTE, NOW - DAY, 1)
    const known = found(name)
    if (known) return fc.oneof({ weight: 3, arbitrary: known }, anything)
    const each = name.endsWith('s') ? found(name.slice(0, -1)) : undefined
    if (each) return fc.array(each, { minLength: 1, maxLength: 2 })
    return name in everything ? text : anything
  }
  const argument = (parameter: string): fc.Arbitrary<unknown> => {
    if (!parameter.startsWith('{')) return named(parameter)
    const names = parameter
      .replace(/[{}\s]/g, '')
      .split(',')
      .map((name) => name.replace(/:.*/, ''))
    const missing = names.filter((name) => !(name in everything))
    return fc.tuple(record, ...missing.map(named)).map(([whole, ...parts]) => ({
      ...whole,
      ...Object.fromEntries(missing.map((name, index) => [name, parts[index]])),
    }))
  }
  return fc.tuple(...parametersOf(method).map(argument))
}

/** A row as the code holds it: in camel case, lists as lists; and as it is stored, for what takes rows. */
function toRecord(row: Row): Record<string, unknown> {
  const entries = Object.entries(withoutTenant(row)).flatMap(([column, value]) => {
    const name = column.replaceAll(/_([a-z])/g, (__, letter: string) => letter.toUpperCase())
    const isList = typeof value === 'string' && value.startsWith('[')
    return [[column, value], ...(name === column && !isList ? [] : [[name, isList ? JSON.parse(value) : value]])] as [
      string,
      unknown,
    ][]
  })
  return Object.fromEntries(entries)
}

function withoutTenant(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => column !== 'tenant'))
}
