import type { InTenant } from '../store/in-tenant.ts'
import type { CatalogueChange } from '../store/repositories/catalogue.ts'
import { canonical } from '../commands/canonical.ts'
import { catalogueOf } from './entries.ts'

type Facts = NonNullable<CatalogueChange['before']>

/** Everything about a server on which the words of a consent depend, by kind and name. */
export type Snapshot = ReadonlyMap<
  string,
  { readonly kind: CatalogueChange['kind']; readonly name: string; readonly facts: Facts }
>

/** What a server is now, to be compared with what it is after a change. */
export async function snapshotOf(t: InTenant, serverId: string): Promise<Snapshot> {
  const server = await t.serverDefinitions.find(serverId)
  const scopes = (server?.scopes ?? []).map(({ name, title, description, risk, implies }, position) => ({
    kind: 'scope' as const,
    name,
    facts: { title, description, risk, implies, position },
  }))
  const entries = (await catalogueOf(t, serverId)).map(({ kind, name, ...entry }) => ({
    kind,
    name,
    facts: {
      title: entry.title,
      description: entry.description,
      annotations: entry.annotations,
      scopes: entry.scopes,
      rule: entry.rule,
    },
  }))
  return new Map([...scopes, ...entries].map((entry) => [`${entry.kind} ${entry.name}`, entry]))
}

/**
 * Compares what a server was before a change with what it is after it, in the same unit, and keeps each difference under a
 * new version of the catalogue. Returns the differences.
 */
export async function recordChanges(
  t: InTenant,
  serverId: string,
  before: Snapshot,
  { source, now }: { readonly source: CatalogueChange['source']; readonly now: number },
): Promise<readonly CatalogueChange[]> {
  const after = await snapshotOf(t, serverId)
  const version = (await t.serverDefinitions.catalogueVersion(serverId)) + 1
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((key): CatalogueChange[] => {
    const [old, young] = [before.get(key), after.get(key)]
    const entry = young ?? old
    if (!entry || JSON.stringify(canonical(old?.facts)) === JSON.stringify(canonical(young?.facts))) return []
    const { kind, name } = entry
    return [{ version, kind, name, at: now, source, before: old?.facts ?? null, after: young?.facts ?? null }]
  })
  if (changes.length > 0) await t.catalogue.addChanges(serverId, version, changes)
  return changes
}
