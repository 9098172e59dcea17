import { type Db, list } from './database.ts'
import { type Page, pageOf, type Position } from './page.ts'

/** A living grant as a list shows it. */
export interface ListedGrant {
  readonly id: string
  readonly subjectId: string
  readonly clientId: string
  /** Empty where a client only learns who somebody is. */
  readonly serverId: string
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  readonly redirectUri: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** Which living grants to list; what is left out does not narrow. */
export interface GrantFilter {
  readonly subjectId?: string | undefined
  readonly clientId?: string | undefined
  readonly serverId?: string | undefined
  readonly behind?: Position | undefined
  readonly most: number
}

/** What was done last under a grant. */
export interface LastUse {
  readonly at: number
  readonly type: string
  readonly name: string
  readonly outcome: string
}

export const grantList = (db: Db, tenant: string) => ({
  /** The newest first. */
  async page({ subjectId, clientId, serverId, behind, most }: GrantFilter): Promise<Page<ListedGrant>> {
    let query = db.selectFrom('grants').selectAll().where('tenant', '=', tenant).where('ended_at', 'is', null)
    if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
    if (clientId !== undefined) query = query.where('client_id', '=', clientId)
    if (serverId !== undefined) query = query.where('server_id', '=', serverId)
    if (behind)
      query = query.where((eb) =>
        eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(Number(behind[0]), String(behind[1]))),
      )
    const rows = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(most + 1)
      .execute()
    const grants = rows.map((row) => ({
      id: row.id,
      subjectId: row.subject_id,
      clientId: row.client_id,
      serverId: row.server_id,
      scopes: list(row.scopes),
      identityScopes: list(row.identity_scopes),
      redirectUri: row.redirect_uri,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }))
    return pageOf(grants, most, ({ createdAt, id }) => [createdAt, id])
  },

  /** What guards told of last for each of some grants, by id; nothing where none did within the last 90 days. */
  async lastUses(grantIds: readonly string[]): Promise<ReadonlyMap<string, LastUse>> {
    if (grantIds.length === 0) return new Map()
    const families = await db
      .selectFrom('families')
      .select(['families.id', 'families.grant_id'])
      .select((eb) =>
        eb
          .selectFrom('decisions')
          .select(({ fn }) => fn.max('decisions.at').as('at'))
          .whereRef('decisions.tenant', '=', 'families.tenant')
          .whereRef('decisions.family_id', '=', 'families.id')
          .as('at'),
      )
      .where('families.tenant', '=', tenant)
      .where('families.grant_id', 'in', grantIds)
      .execute()
    const newest = new Map<string, { readonly familyId: string; readonly at: number }>()
    for (const { id, grant_id, at } of families)
      if (at !== null && at > (newest.get(grant_id)?.at ?? -1)) newest.set(grant_id, { familyId: id, at })
    const uses = new Map<string, LastUse>()
    for (const [grantId, { familyId, at }] of newest) {
      const row = await db
        .selectFrom('decisions')
        .select(['at', 'item_type', 'item_name', 'outcome'])
        .where('tenant', '=', tenant)
        .where('family_id', '=', familyId)
        .where('at', '=', at)
        .limit(1)
        .executeTakeFirst()
      if (row) uses.set(grantId, { at, type: row.item_type, name: row.item_name, outcome: row.outcome })
    }
    return uses
  },
})
