import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Database } from './schema.ts'
import type { Store } from './store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The longest life of a family: until then its first ID token may come back as a hint. */
const LONGEST_FAMILY = 90 * DAY

/** So long decisions can be looked up. The audit chain has them for good. */
const DECISIONS_KEPT = 90 * DAY

/** Rows that one unit deletes, so that it never holds up the units behind it for long. */
const MAX_ROWS = 500

/** Ended, idle or too old for a day. */
const isLongDead = (now: number) =>
  sql`(ended_at < ${now - DAY} or idle_expires_at < ${now - DAY} or absolute_expires_at < ${now - DAY})`

/**
 * The tables whose rows lose their meaning, with their key beside the tenant and when that is. A family goes with its codes and
 * refresh tokens; until then they are kept, because a second use of a spent one must be recognised as a replay. Its tokens go
 * first, of which there may be thousands. A guard needs revocations as long as a token from before may live, which is an hour.
 * A client that nobody registered and nobody consented to within a day was a stranger's, or nothing came of it.
 */
const forgettables: readonly [table: keyof Database, key: string, isOver: (now: number) => RawBuilder<unknown>][] = [
  ['authorization_requests', 'id', (now) => sql`expires_at < ${now - HOUR}`],
  ['codes', 'hash', (now) => sql`created_at < ${now - DAY}`],
  [
    'refresh_tokens',
    'hash',
    (now) => sql`family_id in (select id from families where tenant = candidates.tenant and ${isLongDead(now)})`,
  ],
  ['families', 'id', isLongDead],
  ['sessions', 'id', isLongDead],
  ['idempotency_keys', 'id', (now) => sql`expires_at < ${now}`],
  ['setup_links', 'hash', (now) => sql`expires_at < ${now}`],
  ['console_sessions', 'id', (now) => sql`absolute_expires_at < ${now}`],
  ['spent_ids', 'hash', (now) => sql`expires_at < ${now}`],
  ['revocations', 'id', (now) => sql`created_at < ${now - DAY}`],
  ['signal_streams', 'id', (now) => sql`polled_at < ${now - HOUR}`],
  ['decisions', 'id', (now) => sql`received_at < ${now - DECISIONS_KEPT}`],
  ['rate_counts', 'key', (now) => sql`window_start < ${now - DAY}`],
  ['clients', 'id', (now) => sql`registration <> 'registered' and consented_at is null and created_at < ${now - DAY}`],
  ['signing_keys', 'kid', (now) => sql`(retired_at < ${now - LONGEST_FAMILY} or revoked_at < ${now - LONGEST_FAMILY})`],
]

/** Deletes what can decide nothing any more: found by scans off the event loop, deleted by key in small units. */
export async function forgetExpired(store: Store, tenant: string, now: number): Promise<void> {
  for (const [table, key, isOver] of forgettables) {
    for (let found = MAX_ROWS; found === MAX_ROWS;) {
      const rows = await store.scan((db) =>
        db
          .selectFrom(db.dynamic.table(table).as('candidates'))
          .select(sql<string>`${sql.ref(key)}`.as('key'))
          .where(sql<SqlBool>`tenant = ${tenant} and ${isOver(now)}`)
          .limit(MAX_ROWS),
      )
      found = rows.length
      if (found === 0) break
      const keys = sql.join(rows.map((row) => row.key))
      // Looked at once more, because a scan is older than the unit: somebody may have consented to a client just now.
      await store.unit((tx) =>
        sql`delete from ${sql.table(table)} as candidates
          where tenant = ${tenant} and ${sql.ref(key)} in (${keys}) and ${isOver(now)}`.execute(tx),
      )
    }
  }
}
