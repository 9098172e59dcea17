import type { Condition, Value } from './condition.ts'
import type { Plan } from './plan.ts'

/** A piece of SQL with `?` where the parameters go. */
export interface SqlFragment {
  readonly sql: string
  readonly parameters: readonly Value[]
}

/**
 * Writes a plan as an SQL condition for a WHERE clause, values as parameters. `columns` names the column of each field;
 * a field without one throws, since a condition that is left out would show more rows. A NULL column meets no condition,
 * as a missing field does.
 */
export function planToSql(plan: Plan, columns: Readonly<Record<string, string>>): SqlFragment {
  switch (plan.kind) {
    case 'all':
      return { sql: '1 = 1', parameters: [] }
    case 'none':
      return { sql: '1 = 0', parameters: [] }
    case 'where':
      return conditionToSql(plan.condition, columns)
  }
}

function conditionToSql(condition: Condition, columns: Readonly<Record<string, string>>): SqlFragment {
  switch (condition.op) {
    case 'eq':
      return { sql: `${column(condition.field, columns)} = ?`, parameters: [condition.value] }
    case 'in': {
      if (condition.values.length === 0) return { sql: '1 = 0', parameters: [] }
      const places = condition.values.map(() => '?').join(', ')
      return { sql: `${column(condition.field, columns)} IN (${places})`, parameters: condition.values }
    }
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => conditionToSql(part, columns))
      // As in `matches`: every part of nothing holds, no part of nothing does.
      if (parts.length === 0) return { sql: condition.op === 'and' ? '1 = 1' : '1 = 0', parameters: [] }
      return {
        sql: `(${parts.map((part) => part.sql).join(condition.op === 'and' ? ' AND ' : ' OR ')})`,
        parameters: parts.flatMap((part) => part.parameters),
      }
    }
  }
}

function column(field: string, columns: Readonly<Record<string, string>>): string {
  const name = Object.hasOwn(columns, field) ? columns[field] : undefined
  if (name === undefined) throw new TypeError(`the plan asks for \`${field}\`: name its column in \`columns\``)
  return name
}
