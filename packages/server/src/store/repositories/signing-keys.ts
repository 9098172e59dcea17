import type { Selectable } from 'kysely'
import type { SigningKeyTable } from '../schema.ts'
import type { Db } from './database.ts'

export type SigningKey = Selectable<SigningKeyTable>

export const signingKeys = (db: Db, tenant: string) => ({
  /** Every key that is still kept, the oldest first: what each may do follows from its times. */
  async all(): Promise<readonly SigningKey[]> {
    return db
      .selectFrom('signing_keys')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('signs_from')
      .orderBy('kid')
      .execute()
  },

  async add(key: Omit<SigningKey, 'tenant' | 'revoked_at'>): Promise<void> {
    await db
      .insertInto('signing_keys')
      .values({ ...key, tenant })
      .execute()
  },

  /**
   * The key that signs now: the youngest of its purpose and algorithm whose time has come and has not passed. When a clock
   * went back to before the first one, that one: it is published already, and without it nobody gets in.
   */
  async current(purpose: SigningKey['purpose'], alg: SigningKey['alg'], now: number): Promise<SigningKey | undefined> {
    const usable = db
      .selectFrom('signing_keys')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('purpose', '=', purpose)
      .where('alg', '=', alg)
      .where((eb) => eb.or([eb('retired_at', 'is', null), eb('retired_at', '>', now)]))
      .where('revoked_at', 'is', null)
    const hasBegun = usable.where('signs_from', '<=', now).orderBy('signs_from', 'desc').orderBy('kid')
    return (await hasBegun.executeTakeFirst()) ?? usable.orderBy('signs_from').orderBy('kid').executeTakeFirst()
  },

  /** Says when a key stops signing: when its successor begins. Null when the successor is taken back. */
  async retire(kid: string, retiredAt: number | null): Promise<void> {
    await db
      .updateTable('signing_keys')
      .set({ retired_at: retiredAt })
      .where('tenant', '=', tenant)
      .where('kid', '=', kid)
      .execute()
  },

  /** From now on the key verifies nothing, and nobody can sign with it. */
  async revoke(kid: string, now: number): Promise<void> {
    await db
      .updateTable('signing_keys')
      .set({ revoked_at: now, private_sealed: '' })
      .where('tenant', '=', tenant)
      .where('kid', '=', kid)
      .execute()
  },

  /** Destroys the private halves of keys that have signed for the last time; what they signed can still be verified. */
  async destroyPrivate(kids: readonly string[]): Promise<void> {
    await db
      .updateTable('signing_keys')
      .set({ private_sealed: '' })
      .where('tenant', '=', tenant)
      .where('kid', 'in', kids)
      .execute()
  },
})
