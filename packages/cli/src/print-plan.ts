import type { Change, FieldChange, Plan } from '@permitry/server'
import { printable } from './table.ts'

const MARKS = { create: '+', update: '~', delete: '-' } as const

/** Fields whose value nobody may read on a screen: only whether there is one, and that it changes. */
const SECRET_FIELDS = new Set(['secretHash', 'hasPassword'])

/** What the file calls a field whose name is not the one in snake case. */
const NAMES_IN_FILE: Readonly<Record<string, string>> = {
  applicationType: 'type',
  authMethod: 'auth',
  hasPassword: 'password',
  isDefault: 'default',
  secretHash: 'secret',
}

/** A plan for people: what is made (+), changed (~) with its fields before and after, and removed (-). */
export function formatPlan({ changes, leftAlone }: Plan): string {
  const lines = changes.flatMap((change) => [`${MARKS[change.action]} ${nameOf(change)}`, ...formatFields(change)])
  if (changes.length === 0) lines.push('nothing to change')
  if (leftAlone.length > 0)
    lines.push(
      `left alone, because the file no longer names them (--prune removes them): ${leftAlone.map(nameOf).join(', ')}`,
    )
  return lines.join('\n')
}

/** A plan for programs, without the values of secrets. */
export function planToJson({ changes, leftAlone }: Plan): object {
  return {
    changes: changes.map(({ action, kind, id, fields }) => ({
      action,
      kind,
      id,
      fields: fields.map(({ field, before, after }) => ({
        field: inFile(field),
        before: hide(field, before),
        after: hide(field, after),
      })),
    })),
    leftAlone,
  }
}

function nameOf({ kind, id }: { kind: string; id: string }): string {
  return `${kind} ${printable(id)}`
}

/** What is made is told by its own fields; those of its scopes and tools stand in the file. */
function formatFields({ action, fields }: Change): string[] {
  if (action === 'create')
    return fields.filter(isWorthTelling).map(({ field, after }) => `    ${inFile(field)}: ${show(field, after)}`)
  return fields.map(
    ({ field, before, after }) => `    ${inFile(field)}: ${show(field, before)} → ${show(field, after)}`,
  )
}

function isWorthTelling({ field, after }: FieldChange): boolean {
  return field !== 'id' && !field.includes('[') && !isEmpty(after)
}

function isEmpty(value: FieldChange['after']): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  )
}

function inFile(field: string): string {
  return field.replace(/[A-Za-z]+$/, (name) => {
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return NAMES_IN_FILE[name] ?? snake
  })
}

function show(field: string, value: FieldChange['after']): string {
  const visible = hide(field, value)
  if (visible === undefined || visible === null) return '(none)'
  if (Array.isArray(visible)) return `[${visible.map((item) => printable(String(item))).join(', ')}]`
  return typeof visible === 'string' ? printable(visible) || '(empty)' : JSON.stringify(visible)
}

function hide(field: string, value: FieldChange['after']): FieldChange['after'] {
  if (!SECRET_FIELDS.has(field)) return value
  return isEmpty(value) ? undefined : '(secret)'
}
