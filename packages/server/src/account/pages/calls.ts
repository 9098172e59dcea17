import { catalogueOf } from '../../catalogue/entries.ts'
import type { CallView } from '../../html/index.ts'
import type { InTenant } from '../../store/in-tenant.ts'
import type { StoredDecision } from '../../store/repositories/decisions.ts'

/** Decisions as a person reads them, with what clients, servers and tools are called now. */
export async function callViews(t: InTenant, decisions: readonly StoredDecision[]): Promise<CallView[]> {
  const clients = await namesOf(
    decisions.map(({ clientId }) => clientId ?? ''),
    (id) => t.clients.find(id),
  )
  const servers = await namesOf(
    decisions.map(({ serverId }) => serverId),
    (id) => t.servers.find(id),
  )
  const titles = new Map<string, string>()
  for (const serverId of servers.keys())
    for (const { kind, name, title } of await catalogueOf(t, serverId)) titles.set(key(serverId, kind, name), title)
  return decisions.map((decision) => {
    const { at, id, serverId, clientId, itemType, itemName, object, outcome, reasons } = decision
    return {
      at,
      title: titles.get(key(serverId, itemType, itemName)) ?? itemName,
      name: itemName,
      kind: itemType,
      ...(object === null ? {} : { object: `${object.type}:${object.id}` }),
      clientName: clients.get(clientId ?? '') ?? clientId ?? '',
      serverName: servers.get(serverId) ?? serverId,
      allowed: outcome === 'allow',
      outcome,
      reasons,
      decisionId: id,
    }
  })
}

function key(...parts: string[]): string {
  return JSON.stringify(parts)
}

async function namesOf(
  ids: readonly string[],
  find: (id: string) => Promise<{ readonly name: string } | undefined>,
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const id of new Set(ids)) names.set(id, (await find(id))?.name ?? id)
  return names
}
