import { createHmac, randomBytes } from 'node:crypto'
import type { Tx } from '../store/store.ts'
import type { PersonalData } from './event.ts'

/** Where a piece of personal data stands in the chain. */
export interface Position {
  readonly tenant: string
  readonly stream: string
  readonly seq: number
}

/** What the chain keeps of personal data: whose it is, and a commitment to each field. */
export interface Commitments {
  readonly person: string
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Commits to each field under the salt of its person. While the salt is there, the clear text can be checked against the chain;
 * when it is gone, the commitments of 256-bit HMACs say nothing, not even whether two of them had the same value.
 */
export function commitTo(salt: string, { tenant, stream, seq }: Position, fields: Readonly<Record<string, string>>) {
  const key = Buffer.from(salt, 'base64url')
  const commit = (name: string, value: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['permitry audit field', tenant, stream, seq, name, value]))
      .digest('base64url')
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, commit(name, value)]))
}

/** Data of nobody we know gets the salt of its day, so that a day can be erased like a person. */
export function personOf({ subjectId }: PersonalData, at: number): string {
  return subjectId ?? `nobody:${new Date(at).toISOString().slice(0, 10)}`
}

/** The salt of a person, made at first use. */
export async function saltOf(tx: Tx, tenant: string, person: string): Promise<string> {
  const find = () =>
    tx
      .selectFrom('audit_persons')
      .select('salt')
      .where('tenant', '=', tenant)
      .where('id', '=', person)
      .executeTakeFirst()
  const known = await find()
  if (known) return known.salt
  const salt = randomBytes(32).toString('base64url')
  await tx
    .insertInto('audit_persons')
    .values({ tenant, id: person, salt })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // Another writer may have been first; then its salt counts.
  return (await find())?.salt ?? salt
}
