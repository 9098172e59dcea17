import type { Selectable } from 'kysely'
import type { GrantTable } from '../schema.ts'
import { type Db, list } from './database.ts'

/** The stored fact of a consent: subject × client × MCP server × scopes. Codes and tokens point at it through a family. */
export interface Grant {
  readonly id: string
  readonly subjectId: string
  readonly clientId: string
  readonly serverId: string
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  readonly redirectUri: string
  readonly clientFingerprint: string
  readonly wording: string
  readonly catalogueVersion: number
  /** Which version of the catalogue was shown with each scope; `catalogueVersion` for those that are not named. */
  readonly seenVersions: Readonly<Record<string, number>>
}

export const grants = (db: Db, tenant: string) => ({
  /** The living grant of a subject to a client at one MCP server. There is at most one (index `grants_living`). */
  async findLiving(subjectId: string, clientId: string, serverId: string): Promise<Grant | undefined> {
    const row = await living(db, tenant)
      .where('subject_id', '=', subjectId)
      .where('client_id', '=', clientId)
      .where('server_id', '=', serverId)
      .executeTakeFirst()
    return row && toGrant(row)
  },

  async findLivingById(id: string): Promise<Grant | undefined> {
    const row = await living(db, tenant).where('id', '=', id).executeTakeFirst()
    return row && toGrant(row)
  },

  /** As `findLivingById`, and holds the grant until the unit ends: a withdrawal comes before it or after it. */
  async holdLiving(id: string): Promise<Grant | undefined> {
    const row = await db
      .updateTable('grants')
      .set((eb) => ({ ended_at: eb.ref('ended_at') }))
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
    return row && toGrant(row)
  },

  /**
   * Writes the outcome of a consent and returns the id of the grant: the given one, or that of the living grant, whose scopes and
   * wording are replaced. Two consents at the same moment make one grant.
   */
  async put(grant: Grant, now: number): Promise<string> {
    const { id, subjectId: subject_id, clientId: client_id, serverId: server_id } = grant
    const facts = {
      scopes: JSON.stringify(grant.scopes),
      identity_scopes: JSON.stringify(grant.identityScopes),
      redirect_uri: grant.redirectUri,
      client_fingerprint: grant.clientFingerprint,
      wording: grant.wording,
      catalogue_version: grant.catalogueVersion,
      seen_versions: JSON.stringify(grant.seenVersions),
      updated_at: now,
    }
    const living = await db
      .insertInto('grants')
      .values({ tenant, id, subject_id, client_id, server_id, ...facts, created_at: now, ended_at: null })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'subject_id', 'client_id', 'server_id'])
          .where('ended_at', 'is', null)
          .doUpdateSet(facts),
      )
      .returning('id')
      .executeTakeFirstOrThrow()
    return living.id
  },

  async end(id: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('grants')
      .set({ ended_at: now })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  /** Ends all living grants for an MCP server. */
  async endAllOfServer(serverId: string, now: number): Promise<void> {
    await db
      .updateTable('grants')
      .set({ ended_at: now })
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .where('ended_at', 'is', null)
      .execute()
  },

  /** Ends all living grants of a client; returns their ids. */
  async endAllOfClient(clientId: string, now: number): Promise<string[]> {
    const rows = await db
      .updateTable('grants')
      .set({ ended_at: now })
      .where('tenant', '=', tenant)
      .where('client_id', '=', clientId)
      .where('ended_at', 'is', null)
      .returning('id')
      .execute()
    return rows.map(({ id }) => id)
  },

  /** When each of a person's grants was first allowed, by id. */
  async allowedAt(subjectId: string): Promise<ReadonlyMap<string, number>> {
    const rows = await db
      .selectFrom('grants')
      .select(['id', 'created_at'])
      .where('tenant', '=', tenant)
      .where('subject_id', '=', subjectId)
      .execute()
    return new Map(rows.map(({ id, created_at }) => [id, created_at]))
  },

  /** The living grants of one person, or of everybody. */
  async allLiving(subjectId?: string): Promise<Grant[]> {
    const all = living(db, tenant).orderBy('subject_id').orderBy('client_id').orderBy('server_id')
    const rows = await (subjectId === undefined ? all : all.where('subject_id', '=', subjectId)).execute()
    return rows.map(toGrant)
  },
})

function living(db: Db, tenant: string) {
  return db.selectFrom('grants').selectAll().where('tenant', '=', tenant).where('ended_at', 'is', null)
}

function toGrant(row: Selectable<GrantTable>): Grant {
  return {
    id: row.id,
    subjectId: row.subject_id,
    clientId: row.client_id,
    serverId: row.server_id,
    scopes: list(row.scopes),
    identityScopes: list(row.identity_scopes),
    redirectUri: row.redirect_uri,
    clientFingerprint: row.client_fingerprint,
    wording: row.wording,
    catalogueVersion: row.catalogue_version,
    seenVersions: JSON.parse(row.seen_versions) as Record<string, number>,
  }
}
