// What was done lately, counted by the database off the event loop.
import { type Kysely, sql } from 'kysely'
import type { Database } from '../store/schema.ts'
import type { Store } from '../store/store.ts'

export const HOUR = 3_600_000
const MOST = 10

export interface HourOfCalls {
  /** When the hour began. */
  readonly from: number
  readonly allowed: number
  readonly refused: number
}

export interface Activity {
  /** The hours since `since`, the oldest first, also those in which nothing happened. */
  readonly hours: readonly HourOfCalls[]
  /** Why calls were refused, the most frequent first. */
  readonly reasons: readonly { readonly reasons: readonly string[]; readonly count: number }[]
  /** Who used what through which client most. */
  readonly usage: readonly {
    readonly subjectId: string
    readonly clientId: string
    readonly serverId: string
    readonly calls: number
    readonly lastAt: number
  }[]
  /** What was refused before any call: logins, authorizations, tokens. */
  readonly refusals: readonly { readonly type: string; readonly reason: string | null; readonly count: number }[]
}

const REFUSALS = [
  'login.refused',
  'authorization.refused',
  'consent.refused',
  'token.refused',
  'token.replayed',
  'registration.refused',
  'signals.refused',
]

/** Counts what happened from `since` to `now`. */
export async function activitySince(store: Store, tenant: string, since: number, now: number): Promise<Activity> {
  const decided = (db: Kysely<Database>) =>
    db.selectFrom('decisions').where('tenant', '=', tenant).where('at', '>=', since)
  const byHour = await store.scan((db) =>
    decided(db)
      .select(({ fn }) => [sql<number>`at / ${sql.lit(HOUR)}`.as('hour'), fn.countAll<number>().as('count')])
      .select(sql<number>`case when outcome = 'allow' then 1 else 0 end`.as('allowed'))
      .groupBy(['hour', 'allowed']),
  )
  const byReason = await store.scan((db) =>
    decided(db)
      .where('outcome', '<>', 'allow')
      .select(({ fn }) => ['reasons', fn.countAll<number>().as('count')])
      .groupBy('reasons')
      .orderBy('count', 'desc')
      .orderBy('reasons')
      .limit(MOST),
  )
  const used = await store.scan((db) =>
    decided(db)
      .where('subject_id', 'is not', null)
      .where('client_id', 'is not', null)
      .select(({ fn }) => ['subject_id', 'client_id', 'server_id', fn.countAll<number>().as('calls')])
      .select(({ fn }) => fn.max('at').as('last_at'))
      .groupBy(['subject_id', 'client_id', 'server_id'])
      .orderBy('calls', 'desc')
      .orderBy('last_at', 'desc')
      .limit(MOST),
  )
  const refused = await store.scan((db) =>
    db
      .selectFrom('audit_events')
      .where('tenant', '=', tenant)
      .where('type', 'in', REFUSALS)
      .where('at', '>=', since)
      .select(({ fn }) => ['type', 'reason', fn.countAll<number>().as('count')])
      .groupBy(['type', 'reason'])
      .orderBy('count', 'desc')
      .limit(MOST),
  )
  return {
    hours: hoursFrom(since, now, byHour),
    reasons: byReason.map(({ reasons, count }) => ({ reasons: JSON.parse(reasons) as string[], count: Number(count) })),
    usage: used.map((row) => ({
      subjectId: row.subject_id ?? '',
      clientId: row.client_id ?? '',
      serverId: row.server_id,
      calls: Number(row.calls),
      lastAt: row.last_at,
    })),
    refusals: refused.map(({ type, reason, count }) => ({ type, reason, count: Number(count) })),
  }
}

function hoursFrom(
  since: number,
  now: number,
  counted: readonly { readonly hour: number; readonly allowed: number; readonly count: number }[],
): HourOfCalls[] {
  const [first, last] = [Math.floor(since / HOUR), Math.floor(now / HOUR)]
  const countOf = (hour: number, allowed: number) =>
    Number(counted.find((row) => Number(row.hour) === hour && Number(row.allowed) === allowed)?.count ?? 0)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).map((hour) => ({
    from: hour * HOUR,
    allowed: countOf(hour, 1),
    refused: countOf(hour, 0),
  }))
}
