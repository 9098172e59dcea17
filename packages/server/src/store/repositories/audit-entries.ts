import type { Db } from './database.ts'
import { type Page, pageOf, type Position } from './page.ts'

/** An event of the audit as people read it; the chain itself is for `permitry audit verify`. */
export interface AuditEntry {
  readonly stream: string
  readonly seq: number
  readonly at: number
  readonly type: string
  readonly outcome: string
  readonly actor: { readonly kind: string; readonly id: string } | null
  readonly subjectId: string | null
  readonly clientId: string | null
  readonly serverId: string | null
  readonly familyId: string | null
  readonly reason: string | null
  readonly detail: Readonly<Record<string, unknown>>
  /** What tells something about a person, as long as that person has not been erased. */
  readonly personal: Readonly<Record<string, string>> | null
}

/** Which entries to list; what is left out does not narrow. */
export interface AuditFilter {
  readonly type?: string | undefined
  readonly outcome?: string | undefined
  readonly subjectId?: string | undefined
  readonly clientId?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly behind?: Position | undefined
  readonly most: number
}

export const auditEntries = (db: Db, tenant: string) => ({
  /** The newest first. */
  async page(filter: AuditFilter): Promise<Page<AuditEntry>> {
    const { type, outcome, subjectId, clientId, since, until, behind, most } = filter
    let query = db
      .selectFrom('audit_events as e')
      .leftJoin('audit_personal as p', (join) =>
        join.onRef('p.tenant', '=', 'e.tenant').onRef('p.stream', '=', 'e.stream').onRef('p.seq', '=', 'e.seq'),
      )
      .selectAll('e')
      .select('p.fields')
      .where('e.tenant', '=', tenant)
    if (type !== undefined) query = query.where('e.type', '=', type)
    if (outcome !== undefined) query = query.where('e.outcome', '=', outcome)
    if (subjectId !== undefined) query = query.where('e.subject_id', '=', subjectId)
    if (clientId !== undefined) query = query.where('e.client_id', '=', clientId)
    if (since !== undefined) query = query.where('e.at', '>=', since)
    if (until !== undefined) query = query.where('e.at', '<', until)
    if (behind) {
      const [at, stream, seq] = [Number(behind[0]), String(behind[1]), Number(behind[2])]
      query = query
        .where('e.at', '<=', at)
        .where((eb) => eb(eb.refTuple('e.at', 'e.stream', 'e.seq'), '<', eb.tuple(at, stream, seq)))
    }
    const rows = await query
      .orderBy('e.at', 'desc')
      .orderBy('e.stream', 'desc')
      .orderBy('e.seq', 'desc')
      .limit(most + 1)
      .execute()
    const entries = rows.map((row) => ({
      stream: row.stream,
      seq: row.seq,
      at: row.at,
      type: row.type,
      outcome: row.outcome,
      actor: row.actor_kind === null ? null : { kind: row.actor_kind, id: row.actor_id ?? '' },
      subjectId: row.subject_id,
      clientId: row.client_id,
      serverId: row.server_id,
      familyId: row.family_id,
      reason: row.reason,
      detail: JSON.parse(row.detail) as Record<string, unknown>,
      personal: row.fields === null ? null : (JSON.parse(row.fields) as Record<string, string>),
    }))
    return pageOf(entries, most, ({ at, stream, seq }) => [at, stream, seq])
  },
})
