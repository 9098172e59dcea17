import type { Selectable } from 'kysely'
import type { ConsoleSessionTable } from '../schema.ts'
import type { Db } from './database.ts'

export type ConsoleSession = Selectable<ConsoleSessionTable>

export const consoleSessions = (db: Db, tenant: string) => ({
  async add(session: Omit<ConsoleSession, 'tenant'>): Promise<void> {
    await db
      .insertInto('console_sessions')
      .values({ ...session, tenant })
      .execute()
  },

  /** The session behind a cookie's secret, while it, its login session and its family live and its person is active. */
  async findLiving(secretHash: string, now: number): Promise<ConsoleSession | undefined> {
    return db
      .selectFrom('console_sessions')
      .innerJoin('sessions', (join) =>
        join
          .onRef('sessions.tenant', '=', 'console_sessions.tenant')
          .onRef('sessions.id', '=', 'console_sessions.session_id'),
      )
      .innerJoin('families', (join) =>
        join
          .onRef('families.tenant', '=', 'console_sessions.tenant')
          .onRef('families.id', '=', 'console_sessions.family_id'),
      )
      .innerJoin('subjects', (join) =>
        join
          .onRef('subjects.tenant', '=', 'console_sessions.tenant')
          .onRef('subjects.id', '=', 'console_sessions.subject_id'),
      )
      .selectAll('console_sessions')
      .where('console_sessions.tenant', '=', tenant)
      .where('console_sessions.secret_hash', '=', secretHash)
      .where('console_sessions.absolute_expires_at', '>', now)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.idle_expires_at', '>', now)
      .where('sessions.absolute_expires_at', '>', now)
      .where('families.ended_at', 'is', null)
      .where('families.idle_expires_at', '>', now)
      .where('families.absolute_expires_at', '>', now)
      .where('subjects.status', '=', 'active')
      .executeTakeFirst()
  },

  /** Puts refreshed tokens in the place of those that they came from; nothing when others are there meanwhile. */
  async replaceTokens(
    before: Pick<ConsoleSession, 'id' | 'tokens_sealed'>,
    now: Pick<ConsoleSession, 'tokens_sealed' | 'tokens_expire_at' | 'scopes'>,
  ): Promise<void> {
    await db
      .updateTable('console_sessions')
      .set(now)
      .where('tenant', '=', tenant)
      .where('id', '=', before.id)
      .where('tokens_sealed', '=', before.tokens_sealed)
      .execute()
  },

  async remove(secretHash: string): Promise<ConsoleSession | undefined> {
    return db
      .deleteFrom('console_sessions')
      .where('tenant', '=', tenant)
      .where('secret_hash', '=', secretHash)
      .returningAll()
      .executeTakeFirst()
  },
})
