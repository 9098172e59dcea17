import type { InTenant } from './in-tenant.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Rows that one pass deletes of each table, so that a pass never holds up the units behind it for long. */
const MAX_ROWS = 500

/**
 * Deletes what can decide nothing any more. A family goes with its codes and refresh tokens a day after it ended or ran
 * out; until then they are kept, because a second use of a spent one must be recognised as a replay.
 */
export async function forgetExpired({ db, tenant }: InTenant, now: number): Promise<void> {
  const requests = db
    .selectFrom('authorization_requests')
    .select('id')
    .where('tenant', '=', tenant)
    .where('expires_at', '<', now - HOUR)
    .limit(MAX_ROWS)
  await db.deleteFrom('authorization_requests').where('tenant', '=', tenant).where('id', 'in', requests).execute()

  const spentCodes = db
    .selectFrom('codes')
    .select('hash')
    .where('tenant', '=', tenant)
    .where('created_at', '<', now - DAY)
    .limit(MAX_ROWS)
  await db.deleteFrom('codes').where('tenant', '=', tenant).where('hash', 'in', spentCodes).execute()

  const deadFamilies = db
    .selectFrom('families')
    .select('id')
    .where('tenant', '=', tenant)
    .where((eb) =>
      eb.or([
        eb('ended_at', '<', now - DAY),
        eb('idle_expires_at', '<', now - DAY),
        eb('absolute_expires_at', '<', now - DAY),
      ]),
    )
    .limit(MAX_ROWS)
  await db.deleteFrom('families').where('tenant', '=', tenant).where('id', 'in', deadFamilies).execute()

  const deadSessions = db
    .selectFrom('sessions')
    .select('id')
    .where('tenant', '=', tenant)
    .where((eb) =>
      eb.or([
        eb('ended_at', '<', now - DAY),
        eb('idle_expires_at', '<', now - DAY),
        eb('absolute_expires_at', '<', now - DAY),
      ]),
    )
    .limit(MAX_ROWS)
  await db.deleteFrom('sessions').where('tenant', '=', tenant).where('id', 'in', deadSessions).execute()

  // A guard needs revocations only as long as a token from before may live, which is an hour.
  const oldRevocations = db
    .selectFrom('revocations')
    .select('id')
    .where('tenant', '=', tenant)
    .where('created_at', '<', now - DAY)
    .limit(MAX_ROWS)
  await db.deleteFrom('revocations').where('tenant', '=', tenant).where('id', 'in', oldRevocations).execute()
}
