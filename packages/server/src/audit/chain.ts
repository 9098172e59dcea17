import { hash } from 'node:crypto'
import type { AuditEventTable, AuditStreamTable } from '../store/audit-schema.ts'

/** The layout of a row and of what is hashed. It changes only together with this number. */
export const AUDIT_VERSION = 1

export type UnhashedEvent = Omit<AuditEventTable, 'hash'>

/** `prev` of the first event of a stream: it ties the chain to its tenant, its stream and the time of its start. */
export function genesisHash({
  tenant,
  id,
  started_at,
}: Pick<AuditStreamTable, 'tenant' | 'id' | 'started_at'>): string {
  return sha256(['permitry audit stream', AUDIT_VERSION, tenant, id, started_at])
}

/**
 * The hash of an event: SHA-256 in base64url over the UTF-8 bytes of a JSON array that holds every other column in the order
 * below. Strings, integers and null are all it has, so JSON.stringify writes the one form that RFC 8785 allows. `detail` and
 * `personal` are JSON texts and go in as the strings that are stored.
 */
export function eventHash(row: UnhashedEvent): string {
  return sha256([
    'permitry audit event',
    row.v,
    row.tenant,
    row.stream,
    row.seq,
    row.at,
    row.type,
    row.outcome,
    row.actor_kind,
    row.actor_id,
    row.subject_id,
    row.client_id,
    row.server_id,
    row.family_id,
    row.reason,
    row.detail,
    row.personal,
    row.prev,
  ])
}

export function sha256(values: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(values), 'base64url')
}
