import type { FamilyTable } from '../schema.ts'
import { type Db, list } from './database.ts'

/** One answered authorization; its code and all its tokens carry this id, and die when the family ends. */
export interface Family {
  readonly id: string
  readonly grantId: string
  readonly subjectId: string
  readonly clientId: string
  readonly serverId: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  readonly sessionId: string | null
  readonly nonce: string | null
  readonly authTime: number
  readonly acr: string
  readonly amr: readonly string[]
  readonly boundKey: string | null
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
}

/** A set of families that end or change together. */
export type FamiliesOf =
  | { readonly subjectId: string }
  | { readonly grantId: string }
  | { readonly serverId: string }
  | { readonly sessionId: string }

export const families = (db: Db, tenant: string) => ({
  async add(family: Family, now: number): Promise<void> {
    await db
      .insertInto('families')
      .values({
        tenant,
        id: family.id,
        grant_id: family.grantId,
        subject_id: family.subjectId,
        client_id: family.clientId,
        server_id: family.serverId,
        audience: family.audience,
        scopes: JSON.stringify(family.scopes),
        identity_scopes: JSON.stringify(family.identityScopes),
        session_id: family.sessionId,
        nonce: family.nonce,
        auth_time: family.authTime,
        acr: family.acr,
        amr: JSON.stringify(family.amr),
        bound_key: family.boundKey,
        created_at: now,
        idle_expires_at: family.idleExpiresAt,
        absolute_expires_at: family.absoluteExpiresAt,
        ended_at: null,
        ended_reason: null,
      })
      .execute()
  },

  /** A family that has not ended and is neither idle nor too old; every mint and every use asks this. */
  async findLiving(id: string, now: number): Promise<Family | undefined> {
    const row = await db
      .selectFrom('families')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
      .executeTakeFirst()
    return row && toFamily(row)
  },

  async extend(id: string, idleExpiresAt: number): Promise<void> {
    await db
      .updateTable('families')
      .set({ idle_expires_at: idleExpiresAt })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute()
  },

  /** Binds the refresh tokens of a family to a key. A family that is bound stays so. */
  async bind(id: string, boundKey: string): Promise<void> {
    await db
      .updateTable('families')
      .set({ bound_key: boundKey })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('bound_key', 'is', null)
      .execute()
  },

  /** Ends a family; true when it was living until now. */
  async end(id: string, reason: string, now: number): Promise<boolean> {
    const result = await db
      .updateTable('families')
      .set({ ended_at: now, ended_reason: reason })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  },

  /** Ends the living families of a person that were not begun in one session; returns their ids. */
  async endOthers(of: { subjectId: string; sessionId: string }, reason: string, now: number): Promise<string[]> {
    const rows = await db
      .updateTable('families')
      .set({ ended_at: now, ended_reason: reason })
      .where('tenant', '=', tenant)
      .where('subject_id', '=', of.subjectId)
      .where((eb) => eb.or([eb('session_id', 'is', null), eb('session_id', '!=', of.sessionId)]))
      .where('ended_at', 'is', null)
      .returning('id')
      .execute()
    return rows.map(({ id }) => id)
  },

  /** Ends all living families of a subject, a grant, an MCP server or a session; returns their ids. */
  async endAll(of: FamiliesOf, reason: string, now: number): Promise<string[]> {
    const [column, value] = columnOf(of)
    const rows = await db
      .updateTable('families')
      .set({ ended_at: now, ended_reason: reason })
      .where('tenant', '=', tenant)
      .where(column, '=', value)
      .where('ended_at', 'is', null)
      .returning('id')
      .execute()
    return rows.map(({ id }) => id)
  },

  /** Those of some ids that are remembered, whether they live or not. */
  async findAll(ids: readonly string[]): Promise<Family[]> {
    if (ids.length === 0) return []
    const rows = await db
      .selectFrom('families')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', 'in', ids)
      .execute()
    return rows.map(toFamily)
  },

  /** The living families of a subject, a grant or an MCP server. */
  async allLiving(of: FamiliesOf, now: number): Promise<Family[]> {
    const [column, value] = columnOf(of)
    const rows = await db
      .selectFrom('families')
      .selectAll()
      .where('tenant', '=', tenant)
      .where(column, '=', value)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('absolute_expires_at', '>', now)
      .orderBy('created_at')
      .execute()
    return rows.map(toFamily)
  },
})

function columnOf(of: FamiliesOf): ['subject_id' | 'grant_id' | 'server_id' | 'session_id', string] {
  if ('subjectId' in of) return ['subject_id', of.subjectId]
  if ('sessionId' in of) return ['session_id', of.sessionId]
  return 'grantId' in of ? ['grant_id', of.grantId] : ['server_id', of.serverId]
}

function toFamily(row: FamilyTable): Family {
  return {
    id: row.id,
    grantId: row.grant_id,
    subjectId: row.subject_id,
    clientId: row.client_id,
    serverId: row.server_id,
    audience: row.audience,
    scopes: list(row.scopes),
    identityScopes: list(row.identity_scopes),
    sessionId: row.session_id,
    nonce: row.nonce,
    authTime: row.auth_time,
    acr: row.acr,
    amr: list(row.amr),
    boundKey: row.bound_key,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
  }
}
