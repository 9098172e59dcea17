// What an MCP server offers and what each thing needs: the tools that operators declared, joined with what its guard
// published or what was found by connecting. The guard's scopes count, since it enforces them; an operator's titles count.
import type { InTenant } from '../store/in-tenant.ts'
import type { CatalogueItem, Hints, ItemKind, RuleFacts } from '../store/repositories/catalogue.ts'
import type { Tool } from '../store/repositories/servers.ts'

/** A tool, prompt or resource of an MCP server, as people are shown it. */
export interface CatalogueEntry {
  readonly kind: ItemKind
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: Hints
  /** What a call needs, all of it; null where nobody has said so yet. */
  readonly scopes: readonly string[] | null
  readonly rule: RuleFacts
  readonly source: 'declared' | CatalogueItem['source']
}

/** The catalogue of an MCP server. */
export async function catalogueOf(t: InTenant, serverId: string): Promise<CatalogueEntry[]> {
  return joinEntries(await t.servers.tools(serverId), await t.catalogue.items(serverId))
}

/**
 * Joins both. A declared tool that the guard does not publish is left out: it has no rule there, so nobody can call it.
 */
function joinEntries(declared: readonly Tool[], items: readonly CatalogueItem[]): CatalogueEntry[] {
  const tools = new Map(declared.map((tool) => [tool.name, tool]))
  const isPublished = items.some(({ source }) => source === 'guard')
  const known = items.map((item): CatalogueEntry => {
    const tool = item.kind === 'tool' ? tools.get(item.name) : undefined
    const { kind, name, annotations, rule, source } = item
    return {
      kind,
      name,
      annotations,
      rule,
      source,
      title: declaredTitle(tool) ?? item.title ?? name,
      description: item.description ?? '',
      scopes: item.scopes ?? tool?.scopes ?? null,
    }
  })
  if (isPublished) return known
  const names = new Set(known.filter(({ kind }) => kind === 'tool').map(({ name }) => name))
  const others = declared.filter(({ name }) => !names.has(name))
  return [...others.map(toEntry), ...known]
}

/** A tool that was declared without a title has its name for one. */
function declaredTitle(tool: Tool | undefined): string | undefined {
  return tool === undefined || tool.title === tool.name ? undefined : tool.title
}

function toEntry({ name, title, scopes }: Tool): CatalogueEntry {
  return { kind: 'tool', name, title, description: '', annotations: {}, scopes, rule: {}, source: 'declared' }
}
