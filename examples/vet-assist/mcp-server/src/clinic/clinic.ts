// Owns what every part of the domain is given: the database, the clock, and who is asking.
import { randomBytes } from 'node:crypto'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Clock } from './time.ts'

/** What the clinic's functions work on. */
export interface Clinic {
  db: DatabaseSync
  clock: Clock
}

/** Who is asking. People are known by issuer and subject together; a name or an address identifies nobody. */
export interface Caller {
  iss: string
  sub: string
  staff: boolean
}

/**
 * The pets that a caller may reach, as a condition on `pets`. Every statement that touches a pet's data carries it, the writing
 * ones too, with the parameters of `bindCaller`.
 */
export const REACHABLE = '(:staff = 1 or (pets.iss = :iss and pets.sub = :sub))'

/** The same rule for one pet, or for something that belongs to it: a test holds the two together. */
export function canReach(caller: Caller, owner: { iss: string; sub: string }): boolean {
  return caller.staff || (owner.iss === caller.iss && owner.sub === caller.sub)
}

/** The caller as the parameters of `REACHABLE`. */
export function bindCaller(caller: Caller): { iss: string; sub: string; staff: number } {
  return { iss: caller.iss, sub: caller.sub, staff: caller.staff ? 1 : 0 }
}

/** A random id that tells nothing and cannot be counted: `pet_` and 128 bits. */
export function newId(prefix: 'pet' | 'vac' | 'apt' | 'rem' | 'msg'): string {
  return `${prefix}_${randomBytes(16).toString('base64url')}`
}

type Parameters = Record<string, SQLInputValue>

/** All rows of a query. The row type is a promise of the caller that the strict tables keep: the SQL names each column. */
export function all<Row>(db: DatabaseSync, sql: string, parameters: Parameters): Row[] {
  return db.prepare(sql).all(parameters) as Row[]
}

/** The first row of a query, with the same promise as `all`. */
export function first<Row>(db: DatabaseSync, sql: string, parameters: Parameters): Row | undefined {
  return db.prepare(sql).get(parameters) as Row | undefined
}

/** How many rows a statement changed itself; what its triggers change does not count. */
export function change(db: DatabaseSync, sql: string, parameters: Parameters): number {
  return Number(db.prepare(sql).run(parameters).changes)
}

/** SQLite's extended codes for a violated primary key and a violated unique constraint. */
const UNIQUE_VIOLATIONS: readonly unknown[] = [1555, 2067]

/** Whether a statement failed because a unique constraint gave the place to somebody else. Every other error is a fault. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && UNIQUE_VIOLATIONS.includes(error.errcode)
}
