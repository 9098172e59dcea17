import type { Tx } from '../store/store.ts'
import { appendAudit } from './append.ts'
import type { AuditActor } from './event.ts'

export interface Erasure {
  readonly tenant: string
  /** A subject id, or `nobody:2026-11-24` for what was noted of unknown people on that day. */
  readonly person: string
  readonly actor: AuditActor
  readonly at: number
}

/**
 * Destroys a person's salt and with it the clear text of every event: what stays in the chain are commitments that nobody can
 * check a guess against. The erasure itself is an event. Does not touch the subject's own row, nor copies of the database.
 */
export async function erasePerson(tx: Tx, { tenant, person, actor, at }: Erasure): Promise<void> {
  await tx.deleteFrom('audit_persons').where('tenant', '=', tenant).where('id', '=', person).execute()
  await appendAudit(tx, { tenant, at, type: 'subject.erased', outcome: 'changed', actor, subjectId: person })
}
