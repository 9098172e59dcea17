import type { Selectable } from 'kysely'
import type { SessionTable } from '../schema.ts'
import type { Db } from './database.ts'

export type Session = Selectable<SessionTable>

export const sessions = (db: Db, tenant: string) => ({
  async add(session: Omit<Session, 'tenant' | 'ended_at'>): Promise<void> {
    await db
      .insertInto('sessions')
      .values({ ...session, tenant, ended_at: null })
      .execute()
  },

  /** The living session behind a cookie's secret: not ended, not idle too long, not too old. */
  async findLiving(secretHash: string, now: number): Promise<Session | undefined> {
    return db
      .selectFrom('sessions')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('secret_hash', '=', secretHash)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
      .executeTakeFirst()
  },

  /**
   * As `findLiving`, and holds the session until the unit ends: who is signed out meanwhile, everywhere, is so after this
   * unit, and what it began ends too.
   */
  async holdLiving(secretHash: string, now: number): Promise<Session | undefined> {
    return db
      .updateTable('sessions')
      .set((eb) => ({ ended_at: eb.ref('ended_at') }))
      .where('tenant', '=', tenant)
      .where('secret_hash', '=', secretHash)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
      .returningAll()
      .executeTakeFirst()
  },

  async find(id: string): Promise<Session | undefined> {
    return db.selectFrom('sessions').selectAll().where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
  },

  /** The living sessions of a person, the newest login first. */
  async allLiving(subjectId: string, now: number): Promise<Session[]> {
    return db
      .selectFrom('sessions')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
      .orderBy('auth_time', 'desc')
      .orderBy('id')
      .execute()
  },

  async touch(id: string, idleExpiresAt: number): Promise<void> {
    await db
      .updateTable('sessions')
      .set({ idle_expires_at: idleExpiresAt })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .execute()
  },

  /** Ends a session; true when it was living until now. */
  async end(id: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  /** Ends all living sessions of a person. */
  async endAllOf(subjectId: string, now: number): Promise<void> {
    await db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .where('ended_at', 'is', null)
      .execute()
  },
})
