import { describeDecision } from '../guards/describe-decision.ts'
import { inTenant, type InTenant } from '../store/in-tenant.ts'
import type { CatalogueChange } from '../store/repositories/catalogue.ts'
import type { DecisionFilter, StoredDecision } from '../store/repositories/decisions.ts'
import { catalogueOf, type CatalogueEntry } from '../catalogue/entries.ts'
import type { Operator } from './run.ts'

/** A decision with what it means in words. */
export interface ToldDecision extends StoredDecision {
  readonly words: readonly string[]
}

/** Everything that was decided under an id, by whichever server. */
export function findDecisions({ store, tenant }: Operator, id: string): Promise<ToldDecision[]> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    return tell(t, await t.decisions.find(id))
  })
}

/** Decisions that a filter leaves, the newest first. */
export function listDecisions({ store, tenant }: Operator, filter: DecisionFilter): Promise<StoredDecision[]> {
  return store.read((db) => inTenant(db, tenant).decisions.list(filter))
}

/** What a server offers, and what has become different since a version of it. Undefined where there is no such server. */
export function readCatalogue(
  { store, tenant }: Operator,
  serverId: string,
  since: number,
): Promise<{ version: number; entries: CatalogueEntry[]; changes: CatalogueChange[] } | undefined> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    if (!(await t.servers.find(serverId))) return undefined
    return {
      version: await t.serverDefinitions.catalogueVersion(serverId),
      entries: await catalogueOf(t, serverId),
      changes: await t.catalogue.changesSince(serverId, since),
    }
  })
}

async function tell(t: InTenant, decisions: readonly StoredDecision[]): Promise<ToldDecision[]> {
  const told: ToldDecision[] = []
  for (const decision of decisions) {
    const { subjectId, clientId, serverId } = decision
    const person = subjectId === null ? undefined : await t.subjects.find(subjectId)
    const client = clientId === null ? undefined : await t.clients.find(clientId)
    const server = await t.servers.find(serverId)
    const names = { person: person?.name, client: client?.name, server: server?.name ?? serverId }
    told.push({ ...decision, words: describeDecision(decision, names) })
  }
  return told
}
