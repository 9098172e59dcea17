import type { Json } from '../audit/event.ts'
import { canonical } from './canonical.ts'

/** One field of a definition that differs; `before` or `after` is undefined where the field did not exist. */
export interface FieldChange {
  readonly field: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/**
 * Compares two definitions field by field. Items that have a name are compared under it (`scopes[pet-profile:read].risk`),
 * and their order is the field that carries the list's name.
 */
export function changesBetween(before: object | undefined, after: object | undefined): FieldChange[] {
  const [old, young] = [flatten(before), flatten(after)]
  const fields = [...new Set([...old.keys(), ...young.keys()])]
  return fields
    .map((field) => ({ field, before: old.get(field), after: young.get(field) }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after))
}

/** So many changes are told with their values; beyond that a definition is kept by whoever wrote it. */
const TOLD = 50

/**
 * What an audit row says of a change: every field by name, and what it was and became. `hidden` says which values stay out of
 * the chain, which keeps them for good: secrets, and what tells something of a living person.
 */
export function changeDetail(
  changes: readonly FieldChange[],
  hidden: (field: string) => boolean = () => false,
): { readonly fields: readonly string[]; readonly changes: readonly { readonly [name: string]: Json }[] } {
  const told = changes.filter(({ field }) => !hidden(field)).slice(0, TOLD)
  return {
    fields: changes.map(({ field }) => field),
    changes: told.map(({ field, before, after }) => ({
      field,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    })),
  }
}

function flatten(definition: object | undefined): Map<string, Json> {
  const fields = new Map<string, Json>()
  if (definition !== undefined) addFields(fields, '', canonical(definition) as Json)
  return fields
}

function addFields(fields: Map<string, Json>, path: string, value: Json): void {
  if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) addFields(fields, path === '' ? key : `${path}.${key}`, item)
    return
  }
  if (!isNamedList(value)) return void fields.set(path, value)
  fields.set(
    path,
    value.map(({ name }) => name),
  )
  for (const { name, ...rest } of value) addFields(fields, `${path}[${name}]`, rest)
}

function isRecord(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamedList(value: Json): value is readonly { readonly name: string; readonly [key: string]: Json }[] {
  if (!Array.isArray(value) || value.length === 0) return false
  return (value as readonly Json[]).every((item) => isRecord(item) && typeof item['name'] === 'string')
}
