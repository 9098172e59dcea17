import type { Db } from './database.ts'

/** Browsers on which a person has signed in; the browser holds a secret of which only the hash is here. */
export const knownDevices = (db: Db, tenant: string) => ({
  async isKnown(subjectId: string, deviceHash: string, since: number): Promise<boolean> {
    const row = await db
      .selectFrom('known_devices')
      .select('last_at')
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .where('device_hash', '=', deviceHash)
      .where('last_at', '>=', since)
      .executeTakeFirst()
    return row !== undefined
  },

  /**
   * Remembers a person on a device under a new secret, which also takes the old one's place for everybody else who has
   * signed in there: a secret that somebody planted or copied is worth nothing after the next login.
   */
  async remember(subjectId: string, device: { readonly old: string | undefined; readonly now: string }, at: number) {
    if (device.old !== undefined) {
      await db
        .updateTable('known_devices')
        .set({ device_hash: device.now })
        .where('tenant', '=', tenant)
        .where('device_hash', '=', device.old)
        .execute()
    }
    await db
      .insertInto('known_devices')
      .values({ tenant, subject_id: subjectId, device_hash: device.now, last_at: at })
      .onConflict((conflict) => conflict.columns(['tenant', 'subject_id', 'device_hash']).doUpdateSet({ last_at: at }))
      .execute()
  },

  /** Keeps the newest devices of a person. */
  async keepNewest(subjectId: string, count: number): Promise<void> {
    const newest = db
      .selectFrom('known_devices')
      .select('device_hash')
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .orderBy('last_at', 'desc')
      .orderBy('device_hash')
      .limit(count)
    await db
      .deleteFrom('known_devices')
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .where('device_hash', 'not in', newest)
      .execute()
  },
})
