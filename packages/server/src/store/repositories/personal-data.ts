import type { Db } from './database.ts'

/** Where a reader of the audit stands: behind this event, in the order of the chains. */
export interface AuditPosition {
  readonly stream: string
  readonly seq: number
}

/** What is stored about one person, for that person: without hashes, keys and what only proves something to others. */
export const personalData = (db: Db, tenant: string) => ({
  sessions: (subjectId: string) =>
    db
      .selectFrom('sessions')
      .select(['id', 'auth_time', 'acr', 'amr', 'idle_expires_at', 'absolute_expires_at', 'ended_at'])
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),

  devices: (subjectId: string) =>
    db
      .selectFrom('known_devices')
      .select('last_at')
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .orderBy('last_at')
      .execute(),

  /** Those that have ended too. */
  grants: (subjectId: string) =>
    db
      .selectFrom('grants')
      .select(['id', 'client_id', 'server_id', 'scopes', 'identity_scopes', 'redirect_uri', 'wording'])
      .select(['catalogue_version', 'seen_versions', 'created_at', 'updated_at', 'ended_at'])
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),

  families: (subjectId: string) =>
    db
      .selectFrom('families')
      .select(['id', 'grant_id', 'client_id', 'server_id', 'audience', 'scopes', 'identity_scopes', 'session_id'])
      .select(['auth_time', 'acr', 'amr', 'created_at', 'idle_expires_at', 'absolute_expires_at'])
      .select(['ended_at', 'ended_reason'])
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),

  /** Events about the person, or by the person about nobody else, behind a position; with the clear text that belongs to them. */
  audit: (subjectId: string, { stream, seq }: AuditPosition, most: number) =>
    db
      .selectFrom('audit_events as e')
      .leftJoin('audit_personal as p', (join) =>
        join
          .onRef('p.tenant', '=', 'e.tenant')
          .onRef('p.stream', '=', 'e.stream')
          .onRef('p.seq', '=', 'e.seq')
          .on('p.person', '=', subjectId),
      )
      .select(['e.stream', 'e.seq', 'e.at', 'e.type', 'e.outcome', 'e.actor_kind', 'e.client_id', 'e.server_id'])
      .select(['e.family_id', 'e.reason', 'e.detail', 'p.fields as personal'])
      .where('e.tenant', '=', tenant)
      .where((eb) => eb(eb.refTuple('e.stream', 'e.seq'), '>', eb.tuple(stream, seq)))
      .where((eb) =>
        eb.or([
          eb('e.subject_id', '=', subjectId),
          eb.and([
            eb('e.actor_kind', '=', 'subject'),
            eb('e.actor_id', '=', subjectId),
            eb('e.subject_id', 'is', null),
          ]),
        ]),
      )
      .orderBy('e.stream')
      .orderBy('e.seq')
      .limit(most)
      .execute(),
})
