import { sql } from 'kysely'
import type { Db } from './database.ts'

/** What came of the last look at the logo of a client. */
export interface ClientLogo {
  readonly logoUri: string
  /** Null when there was none to be had. */
  readonly picture: { readonly digest: string; readonly png: Uint8Array } | null
}

export const clientLogos = (db: Db, tenant: string) => ({
  /** Where the logo of a client came from and what it is called here, without its pixels. */
  async find(clientId: string): Promise<{ logoUri: string; digest: string | null; fetchedAt: number } | undefined> {
    const row = await db
      .selectFrom('client_logos')
      .select(['logo_uri', 'digest', 'fetched_at'])
      .where('tenant', '=', tenant)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    return row && { logoUri: row.logo_uri, digest: row.digest, fetchedAt: row.fetched_at }
  },

  /** A picture by what it shows. Two clients with the same logo have the same one. */
  async picture(digest: string): Promise<Buffer<ArrayBuffer> | undefined> {
    const row = await db
      .selectFrom('client_logos')
      .select('png')
      .where('tenant', '=', tenant)
      .where('digest', '=', digest)
      .limit(1)
      .executeTakeFirst()
    return row?.png ? Buffer.from(row.png, 'base64') : undefined
  },

  /** Notes what a look brought; nothing when the client was forgotten meanwhile. */
  async put(clientId: string, { logoUri, picture }: ClientLogo, now: number): Promise<void> {
    const png = picture && Buffer.from(picture.png).toString('base64')
    const facts = { logo_uri: logoUri, digest: picture?.digest ?? null, png, fetched_at: now }
    await db
      .insertInto('client_logos')
      .columns(['tenant', 'client_id', 'logo_uri', 'digest', 'png', 'fetched_at'])
      .expression((from) =>
        from
          .selectFrom('clients')
          .select([
            'tenant',
            'id',
            sql<string>`cast(${facts.logo_uri} as text)`.as('logo_uri'),
            sql<string | null>`cast(${facts.digest} as text)`.as('digest'),
            sql<string | null>`cast(${facts.png} as text)`.as('png'),
            sql<number>`cast(${facts.fetched_at} as bigint)`.as('fetched_at'),
          ])
          .where('tenant', '=', tenant)
          .where('id', '=', clientId),
      )
      .onConflict((conflict) => conflict.columns(['tenant', 'client_id']).doUpdateSet(facts))
      .execute()
  },
})
