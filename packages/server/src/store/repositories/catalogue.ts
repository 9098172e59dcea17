import type { Selectable } from 'kysely'
import type { CatalogueChangeTable, CatalogueItemTable } from '../schema.ts'
import { type Db, list } from './database.ts'

export type ItemKind = CatalogueItemTable['kind']

/** What MCP's `ToolAnnotations` say a tool does: hints, by the server itself. */
export type Hints = Readonly<Record<string, boolean>>

/** On what a call depends besides scopes, as the guard's rule has it. */
export type RuleFacts = Readonly<Record<string, string | number | readonly string[]>>

/** A tool, prompt or resource as a guard published it, or as it was found by connecting. */
export interface CatalogueItem {
  readonly kind: ItemKind
  readonly name: string
  readonly title: string | null
  readonly description: string | null
  readonly annotations: Hints
  /** Null where nobody has said yet what it needs. */
  readonly scopes: readonly string[] | null
  readonly rule: RuleFacts
  readonly source: CatalogueItemTable['source']
}

/** One thing that became different with a version of the catalogue: its facts before and after, null where it was not there. */
export interface CatalogueChange {
  readonly version: number
  readonly kind: CatalogueChangeTable['kind']
  readonly name: string
  readonly at: number
  readonly source: CatalogueChangeTable['source']
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

const ROWS_PER_INSERT = 500

export const catalogue = (db: Db, tenant: string) => ({
  /** What is known beside the tools that operators declared, by name. */
  async items(serverId: string): Promise<CatalogueItem[]> {
    const rows = await db
      .selectFrom('catalogue_items')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .execute()
    return rows.map(toItem).toSorted(byKindAndName)
  },

  /** Replaces all that is known of a server. */
  async replaceItems(serverId: string, items: readonly CatalogueItem[]): Promise<void> {
    await db.deleteFrom('catalogue_items').where('tenant', '=', tenant).where('server_id', '=', serverId).execute()
    for (let start = 0; start < items.length; start += ROWS_PER_INSERT)
      await db
        .insertInto('catalogue_items')
        .values(items.slice(start, start + ROWS_PER_INSERT).map((item) => toRow(tenant, serverId, item)))
        .execute()
  },

  /** Keeps what became different, and makes its version that of the server. */
  async addChanges(serverId: string, version: number, changes: readonly CatalogueChange[]): Promise<void> {
    await db
      .updateTable('servers')
      .set({ catalogue_version: version })
      .where('tenant', '=', tenant)
      .where('id', '=', serverId)
      .execute()
    for (let start = 0; start < changes.length; start += ROWS_PER_INSERT)
      await db
        .insertInto('catalogue_changes')
        .values(
          changes.slice(start, start + ROWS_PER_INSERT).map(({ kind, name, at, source, before, after }) => ({
            tenant,
            server_id: serverId,
            version,
            kind,
            name,
            at,
            source,
            before: before && JSON.stringify(before),
            after: after && JSON.stringify(after),
          })),
        )
        .execute()
  },

  /** Everything that became different after a version, the oldest first. */
  async changesSince(serverId: string, version: number): Promise<CatalogueChange[]> {
    const rows = await db
      .selectFrom('catalogue_changes')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('server_id', '=', serverId)
      .where('version', '>', version)
      .orderBy('version')
      .orderBy('kind')
      .orderBy('name')
      .execute()
    return rows.map(toChange)
  },
})

function byKindAndName(a: CatalogueItem, b: CatalogueItem): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1
  return a.name < b.name ? -1 : 1
}

function toRow(tenant: string, server_id: string, item: CatalogueItem): CatalogueItemTable {
  const { kind, name, title, description, annotations, scopes, rule, source } = item
  return {
    tenant,
    server_id,
    kind,
    name,
    title,
    description,
    source,
    annotations: JSON.stringify(annotations),
    scopes: scopes && JSON.stringify(scopes),
    rule: JSON.stringify(rule),
  }
}

function toItem(row: Selectable<CatalogueItemTable>): CatalogueItem {
  const { kind, name, title, description, source } = row
  return {
    kind,
    name,
    title,
    description,
    source,
    annotations: JSON.parse(row.annotations) as Hints,
    scopes: row.scopes === null ? null : list(row.scopes),
    rule: JSON.parse(row.rule) as RuleFacts,
  }
}

function toChange({
  version,
  kind,
  name,
  at,
  source,
  before,
  after,
}: Selectable<CatalogueChangeTable>): CatalogueChange {
  const parse = (text: string | null) => (text === null ? null : (JSON.parse(text) as Record<string, unknown>))
  return { version, kind, name, at, source, before: parse(before), after: parse(after) }
}
