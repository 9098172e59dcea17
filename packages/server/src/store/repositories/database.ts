import type { Kysely } from 'kysely'
import type { Database } from '../schema.ts'

/** What a repository reads and writes through: the transaction of a unit of work, or a read-only connection. */
export type Db = Kysely<Database>

/** Reads a list of strings that was stored as JSON text. */
export function list(json: string): readonly string[] {
  return JSON.parse(json) as string[]
}
