import { type Db, list } from './database.ts'
import { type Page, pageOf, type Position } from './page.ts'

/** A living session as a list shows it; the cookie's hash stays behind. */
export interface ListedSession {
  readonly id: string
  readonly subjectId: string
  readonly authTime: number
  readonly acr: string
  readonly amr: readonly string[]
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
}

/** Which living sessions to list; what is left out does not narrow. */
export interface SessionFilter {
  readonly subjectId?: string | undefined
  readonly behind?: Position | undefined
  readonly most: number
}

export const sessionList = (db: Db, tenant: string) => ({
  /** The newest login first. */
  async page({ subjectId, behind, most }: SessionFilter, now: number): Promise<Page<ListedSession>> {
    let query = db
      .selectFrom('sessions')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
    if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
    if (behind)
      query = query.where((eb) =>
        eb(eb.refTuple('auth_time', 'id'), '<', eb.tuple(Number(behind[0]), String(behind[1]))),
      )
    const rows = await query
      .orderBy('auth_time', 'desc')
      .orderBy('id', 'desc')
      .limit(most + 1)
      .execute()
    const sessions = rows.map((row) => ({
      id: row.id,
      subjectId: row.subject_id,
      authTime: row.auth_time,
      acr: row.acr,
      amr: list(row.amr),
      idleExpiresAt: row.idle_expires_at,
      absoluteExpiresAt: row.absolute_expires_at,
    }))
    return pageOf(sessions, most, ({ authTime, id }) => [authTime, id])
  },
})
