/** What a field can be compared with. No `null`: in SQL nothing equals it, and the two readings must agree. */
export type Value = string | number | boolean

/**
 * A condition on an object that a database can evaluate as well as this process. No negation: SQL's three-valued logic
 * and ours would differ on missing fields, and a rule that says who may is safer than one that says who may not.
 */
export type Condition =
  | { readonly op: 'eq'; readonly field: string; readonly value: Value }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Value[] }
  | { readonly op: 'and'; readonly of: readonly Condition[] }
  | { readonly op: 'or'; readonly of: readonly Condition[] }

/** Says whether an object meets a condition; a missing field meets none. */
export function matches(condition: Condition, object: unknown): boolean {
  switch (condition.op) {
    case 'eq':
      return fieldOf(object, condition.field) === condition.value
    case 'in': {
      const field = fieldOf(object, condition.field)
      return condition.values.some((value) => value === field)
    }
    case 'and':
      return condition.of.every((part) => matches(part, object))
    case 'or':
      return condition.of.some((part) => matches(part, object))
  }
}

function fieldOf(object: unknown, field: string): unknown {
  // Own fields only: `constructor` is nobody's owner.
  return typeof object === 'object' && object !== null && Object.hasOwn(object, field)
    ? (object as Record<string, unknown>)[field]
    : undefined
}
