import type { Selectable } from 'kysely'
import type { DecisionTable } from '../schema.ts'
import { type Db, list } from './database.ts'
import { type Page, pageOf, type Position } from './page.ts'

/** What a guard decided about one tool, prompt or resource, as far as we believe it. */
export interface StoredDecision {
  readonly id: string
  readonly serverId: string
  readonly itemType: DecisionTable['item_type']
  readonly itemName: string
  readonly at: number
  readonly receivedAt: number
  readonly outcome: string
  readonly reasons: readonly string[]
  /** The JSON-RPC method. */
  readonly action: string
  readonly subjectId: string | null
  readonly clientId: string | null
  readonly familyId: string | null
  readonly tokenId: string
  readonly object: { readonly type: string; readonly id: string | number } | null
  /** What was asked for by a challenge. */
  readonly scopes: readonly string[] | null
  readonly argumentsHmac: string | null
  /** Whom the guard named, where that is nobody who has a token for this server. */
  readonly claimed: { readonly sub: string; readonly client_id: string; readonly fam: string | null } | null
  readonly guardId: string
}

/** Which decisions to list; what is left out does not narrow. */
export interface DecisionFilter {
  readonly subjectId?: string | undefined
  readonly clientId?: string | undefined
  readonly familyId?: string | undefined
  readonly serverId?: string | undefined
  readonly since?: number | undefined
  /** Before this time: to page on, that of the last one. */
  readonly before?: number | undefined
  readonly refusedOnly?: boolean | undefined
  /** Of these tools, prompts or resources. */
  readonly itemName?: string | undefined
  readonly most: number
}

/** A statement has at most 32,766 parameters, and a row of these 18. */
const ROWS_PER_INSERT = 500

export const decisions = (db: Db, tenant: string) => ({
  /** Adds those that are not there yet, and returns these. One decision can be about several things. */
  async add(decisions: readonly StoredDecision[]): Promise<readonly StoredDecision[]> {
    const added = new Set<string>()
    for (let start = 0; start < decisions.length; start += ROWS_PER_INSERT) {
      const rows = await db
        .insertInto('decisions')
        .values(decisions.slice(start, start + ROWS_PER_INSERT).map((one) => toRow(tenant, one)))
        .onConflict((conflict) => conflict.columns(['tenant', 'server_id', 'id', 'item_type', 'item_name']).doNothing())
        .returning(['server_id', 'id', 'item_type', 'item_name'])
        .execute()
      for (const row of rows) added.add(JSON.stringify([row.server_id, row.id, row.item_type, row.item_name]))
    }
    return decisions.filter((one) =>
      // Removed as it is found, so that of two alike one is added.
      added.delete(JSON.stringify([one.serverId, one.id, one.itemType, one.itemName])),
    )
  },

  /** Everything that was decided under an id: usually one thing, by one server. */
  async find(id: string): Promise<StoredDecision[]> {
    const rows = await db
      .selectFrom('decisions')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .orderBy('server_id')
      .orderBy('item_type')
      .orderBy('item_name')
      .execute()
    return rows.map(toDecision)
  },

  /** The newest first. */
  async list(filter: DecisionFilter): Promise<StoredDecision[]> {
    return (await filtered(db, tenant, filter).orderBy('at', 'desc').orderBy('id').limit(filter.most).execute()).map(
      toDecision,
    )
  },

  /** The newest first, a page at a time. */
  async page(filter: DecisionFilter, behind: Position | undefined): Promise<Page<StoredDecision>> {
    let query = filtered(db, tenant, filter)
    if (behind) {
      const [at, ...key] = behind
      query = query.where('at', '<=', Number(at)).where((eb) => {
        const [id = '', serverId = '', itemType = '', itemName = ''] = key.map(String)
        return eb.or([
          eb('at', '<', Number(at)),
          eb(
            eb.refTuple('id', 'server_id', 'item_type', 'item_name'),
            '>',
            eb.tuple(id, serverId, itemType as DecisionTable['item_type'], itemName),
          ),
        ])
      })
    }
    const rows = await query
      .orderBy('at', 'desc')
      .orderBy('id')
      .orderBy('server_id')
      .orderBy('item_type')
      .orderBy('item_name')
      .limit(filter.most + 1)
      .execute()
    return pageOf(rows.map(toDecision), filter.most, ({ at, id, serverId, itemType, itemName }) => [
      at,
      id,
      serverId,
      itemType,
      itemName,
    ])
  },
})

function filtered(db: Db, tenant: string, filter: DecisionFilter) {
  const { subjectId, clientId, familyId, serverId, since, before, refusedOnly, itemName } = filter
  let query = db.selectFrom('decisions').selectAll().where('tenant', '=', tenant)
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId)
  if (clientId !== undefined) query = query.where('client_id', '=', clientId)
  if (familyId !== undefined) query = query.where('family_id', '=', familyId)
  if (serverId !== undefined) query = query.where('server_id', '=', serverId)
  if (itemName !== undefined) query = query.where('item_name', '=', itemName)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (before !== undefined) query = query.where('at', '<', before)
  if (refusedOnly === true) query = query.where('outcome', '<>', 'allow')
  return query
}

function toRow(tenant: string, decision: StoredDecision): DecisionTable {
  return {
    tenant,
    server_id: decision.serverId,
    id: decision.id,
    item_type: decision.itemType,
    item_name: decision.itemName,
    at: decision.at,
    received_at: decision.receivedAt,
    outcome: decision.outcome,
    reasons: JSON.stringify(decision.reasons),
    action: decision.action,
    subject_id: decision.subjectId,
    client_id: decision.clientId,
    family_id: decision.familyId,
    token_id: decision.tokenId,
    object: decision.object === null ? null : JSON.stringify(decision.object),
    scopes: decision.scopes === null ? null : JSON.stringify(decision.scopes),
    arguments_hmac: decision.argumentsHmac,
    claimed: decision.claimed === null ? null : JSON.stringify(decision.claimed),
    guard_id: decision.guardId,
  }
}

function toDecision(row: Selectable<DecisionTable>): StoredDecision {
  return {
    id: row.id,
    serverId: row.server_id,
    itemType: row.item_type,
    itemName: row.item_name,
    at: row.at,
    receivedAt: row.received_at,
    outcome: row.outcome,
    reasons: list(row.reasons),
    action: row.action,
    subjectId: row.subject_id,
    clientId: row.client_id,
    familyId: row.family_id,
    tokenId: row.token_id,
    object: row.object === null ? null : (JSON.parse(row.object) as StoredDecision['object']),
    scopes: row.scopes === null ? null : list(row.scopes),
    argumentsHmac: row.arguments_hmac,
    claimed: row.claimed === null ? null : (JSON.parse(row.claimed) as StoredDecision['claimed']),
    guardId: row.guard_id,
  }
}
