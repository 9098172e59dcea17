import { concernedServers } from './concerned-servers.ts'
import { noteRevoked } from '../revoked.ts'
import { type Db, list } from './database.ts'

/** Whose tokens are revoked from an epoch on; for a person also whether all sessions end with them. */
export type Revoked =
  | { readonly subjectId: string; readonly endsSessions?: boolean }
  | { readonly familyId: string }
  | { readonly clientId: string }
  | { readonly everybody: true }

/** What of a token can be revoked. */
export interface TokenNames {
  readonly subjectId: string
  readonly familyId: string | undefined
  readonly clientId: string
}

/** Where a reader of revocations stands: behind the one with this epoch and id. */
export interface Position {
  readonly epoch: number
  readonly id: string
}

/** One revocation as guards are told of it. */
export interface Revocation extends Position {
  readonly revoked: Revoked
  /** The MCP servers that are told; null means all. */
  readonly servers: readonly string[] | null
  readonly at: number
}

/** Keeps one statement below the number of parameters that SQLite takes. */
const ROWS_PER_INSERT = 500

export const revocations = (db: Db, tenant: string) => ({
  /** Raises the epoch and tells every guard to refuse older tokens of a subject, family or client, or of everybody. */
  revoke(revoked: Revoked, id: string, now: number): Promise<number> {
    return revokeEach(db, tenant, [{ ...revoked, id }], now)
  },

  /** As `revoke`, for many at once under one epoch. */
  revokeEach(revoked: readonly (Revoked & { readonly id: string })[], now: number): Promise<number> {
    return revokeEach(db, tenant, revoked, now)
  },

  /** The epoch below which tokens with these names are refused; 0 when none of them was revoked as long as a token lives. */
  async revokedBelow({ subjectId, familyId, clientId }: TokenNames): Promise<number> {
    const row = await db
      .selectFrom('revocations')
      .select(({ fn }) => fn.max('epoch').as('epoch'))
      .where('tenant', '=', tenant)
      .where((eb) =>
        eb.or([
          eb('subject_id', '=', subjectId),
          eb('client_id', '=', clientId),
          ...(familyId === undefined ? [] : [eb('family_id', '=', familyId)]),
          // For everybody.
          eb.and([eb('subject_id', 'is', null), eb('family_id', 'is', null), eb('client_id', 'is', null)]),
        ]),
      )
      .executeTakeFirst()
    return Number(row?.epoch ?? 0)
  },

  /**
   * The revocations behind a position that are not older than `since`, the oldest first, `most` of them.
   *
   * INVARIANT (order of epochs): whoever sees an epoch sees every lower one. The epoch is raised in the tenant's row, which stays
   * locked until COMMIT, so the next higher epoch begins after the one before it can be seen; rows of one epoch become visible
   * together. A reader that stands behind an epoch has therefore missed nothing below it.
   */
  async after({ epoch, id }: Position, since: number, most: number): Promise<Revocation[]> {
    const rows = await db
      .selectFrom('revocations')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('created_at', '>=', since)
      .where((eb) => eb.or([eb('epoch', '>', epoch), eb.and([eb('epoch', '=', epoch), eb('id', '>', id)])]))
      .orderBy('epoch')
      .orderBy('id')
      .limit(most)
      .execute()
    return rows.map((row) => ({
      epoch: row.epoch,
      id: row.id,
      revoked: toRevoked(row),
      servers: row.servers === null ? null : list(row.servers),
      at: row.created_at,
    }))
  },
})

function toRevoked(row: {
  subject_id: string | null
  family_id: string | null
  client_id: string | null
  ends_sessions: number
}): Revoked {
  if (row.subject_id !== null) return { subjectId: row.subject_id, endsSessions: row.ends_sessions === 1 }
  if (row.family_id !== null) return { familyId: row.family_id }
  return row.client_id === null ? { everybody: true } : { clientId: row.client_id }
}

async function revokeEach(
  db: Db,
  tenant: string,
  revoked: readonly (Revoked & { readonly id: string })[],
  now: number,
): Promise<number> {
  const { epoch } = await db
    .updateTable('tenants')
    .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
    .where('id', '=', tenant)
    .returning('epoch')
    .executeTakeFirstOrThrow()
  noteRevoked(db, tenant)
  for (let start = 0; start < revoked.length; start += ROWS_PER_INSERT) {
    const some = revoked.slice(start, start + ROWS_PER_INSERT)
    // Behind the lock of the tenant's row, so that roles and what clients may ask for are those of this epoch.
    const serversOf = await concernedServers(db, tenant, some)
    const rows = some.map((one) => {
      const servers = serversOf(one)
      return {
        tenant,
        id: one.id,
        epoch,
        subject_id: 'subjectId' in one ? one.subjectId : null,
        family_id: 'familyId' in one ? one.familyId : null,
        client_id: 'clientId' in one ? one.clientId : null,
        servers: servers === null ? null : JSON.stringify(servers),
        ends_sessions: 'subjectId' in one && one.endsSessions === true ? 1 : 0,
        created_at: now,
      }
    })
    await db.insertInto('revocations').values(rows).execute()
  }
  return epoch
}
