import { sql } from 'kysely'
import type { Db } from './database.ts'

export const rateCounts = (db: Db, tenant: string) => ({
  /**
   * Counts one more under a key and returns how many there were since the window began, this one included. A window
   * begins with the first that is counted after the one before has passed, or before it, when a clock went back. The key names nobody: hash what is personal.
   */
  async count(key: string, windowMs: number, now: number): Promise<number> {
    const isOver = sql<boolean>`(rate_counts.window_start <= ${now - windowMs} or rate_counts.window_start > ${now})`
    const { count } = await db
      .insertInto('rate_counts')
      .values({ tenant, key, window_start: now, count: 1 })
      .onConflict((conflict) =>
        conflict.columns(['tenant', 'key']).doUpdateSet({
          count: sql<number>`case when ${isOver} then 1 else rate_counts.count + 1 end`,
          window_start: sql<number>`case when ${isOver} then ${now} else rate_counts.window_start end`,
        }),
      )
      .returning('count')
      .executeTakeFirstOrThrow()
    return count
  },
})
