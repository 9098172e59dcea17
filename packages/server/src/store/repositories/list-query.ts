import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Position } from './page.ts'

/** Which part of a list is asked for, and what its items must have in their id or name. */
export interface ListQuery {
  readonly containing?: string | undefined
  readonly behind: Position | undefined
  readonly most: number
}

/** Whether one of the columns has a text, in any letter case. For lists of definitions, of which there are hundreds. */
export function contains(columns: readonly string[], text: string): RawBuilder<SqlBool> {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const each = columns.map((column) => sql`lower(${sql.ref(column)}) like ${pattern} escape '\\'`)
  return sql<SqlBool>`(${sql.join(each, sql` or `)})`
}
