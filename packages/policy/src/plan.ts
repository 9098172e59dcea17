import { matches, type Condition, type Value } from './condition.ts'

/** Which objects a subject may reach: what a list puts into its query, so that the database filters and not the handler. */
export type Plan =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'where'; readonly condition: Condition }

/** Every object. */
export const all: Plan = Object.freeze({ kind: 'all' })

/** No object. */
export const none: Plan = Object.freeze({ kind: 'none' })

/**
 * The objects whose fields equal all the given values, or one of them where a list is given. Anything else is written as
 * a condition: `{ kind: 'where', condition: { op: 'or', of: […] } }`.
 */
export function where(fields: Readonly<Record<string, Value | readonly Value[]>>): Plan {
  const of = Object.entries(fields).map(([field, value]): Condition => {
    // From JavaScript: `undefined` would equal the missing field of every object.
    if (value === undefined || value === null) throw new TypeError(`\`where\` needs a value for \`${field}\``)
    return typeof value === 'object' ? { op: 'in', field, values: value } : { op: 'eq', field, value }
  })
  // No field is no condition, and no condition would be everything: say `all` where all is meant.
  if (of.length === 0) throw new TypeError('`where` needs at least one field: write `all` for every object')
  const condition: Condition = { op: 'and', of }
  return Object.freeze({ kind: 'where', condition })
}

/** Says whether one object is within a plan: the check of a single object and the filter of a list are one rule. */
export function within(plan: Plan, object: unknown): boolean {
  switch (plan.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'where':
      return matches(plan.condition, object)
  }
}
