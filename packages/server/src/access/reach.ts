// What a person could do: which scopes the roles hold at which MCP server, which tools these open, and through which clients.
import { catalogueOf, type CatalogueEntry } from '../catalogue/entries.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Server } from '../store/repositories/servers.ts'
import { type Access, readAccess } from './access.ts'
import { guardOnly, outcomeOf } from './tool-outcome.ts'

/** A role, and through what somebody holds it. */
export interface HeldRole {
  readonly id: string
  readonly name: string
  readonly own: boolean
  /** Names of groups, by id. */
  readonly groups: Readonly<Record<string, string>>
}

export interface ReachedTool {
  readonly kind: CatalogueEntry['kind']
  readonly name: string
  readonly title: string
  /** Null where nobody has said what it needs. */
  readonly scopes: readonly string[] | null
  /** On what a call depends besides, which only the guard can say. */
  readonly dependsOn: readonly string[]
}

export interface ReachedThrough {
  readonly clientId: string
  readonly name: string
  readonly active: boolean
  /** What the person could get through it. */
  readonly scopes: readonly string[]
  /** What was consented to; null where nothing was. */
  readonly consented: readonly string[] | null
  /** Names of the tools that these scopes open. */
  readonly tools: readonly string[]
}

export interface ReachedServer {
  readonly serverId: string
  readonly name: string
  readonly active: boolean
  /** What the roles hold there, with all that it implies. */
  readonly scopes: readonly string[]
  readonly tools: readonly ReachedTool[]
  readonly clients: readonly ReachedThrough[]
  /** There are more clients that may ask there than are shown. */
  readonly moreClients: boolean
}

export interface Reach {
  /** A suspended person can do nothing of it until somebody lets them in again. */
  readonly active: boolean
  readonly roles: readonly HeldRole[]
  readonly servers: readonly ReachedServer[]
}

/** So many clients are looked at for each MCP server. */
const MOST_CLIENTS = 50

/** What a person or an agent could do; undefined where there is nobody with this id. */
export async function reachOf(t: InTenant, subjectId: string, now: number): Promise<Reach | undefined> {
  const subject = await t.subjects.find(subjectId)
  if (!subject) return undefined
  const roles = await t.subjectList.heldRoles(subjectId)
  const grants = await t.grants.allLiving(subjectId)
  const serverIds = new Set<string>()
  for (const { id } of roles)
    for (const server of Object.keys((await t.roles.find(id))?.scopes ?? {})) serverIds.add(server)
  const servers: ReachedServer[] = []
  for (const id of [...serverIds].toSorted()) {
    const server = await t.servers.find(id)
    if (!server) continue
    const consented = new Map(
      grants.filter(({ serverId }) => serverId === id).map(({ clientId, scopes }) => [clientId, scopes]),
    )
    const registered = await t.clientList.authorizedAt(id, MOST_CLIENTS + 1)
    const clientIds = [...new Set([...consented.keys(), ...registered.slice(0, MOST_CLIENTS)])]
    servers.push({
      ...(await reachAt(t, { subjectId, server, clientIds, consented, now })),
      moreClients: registered.length > MOST_CLIENTS,
    })
  }
  return { active: subject.status === 'active', roles, servers }
}

interface At {
  readonly subjectId: string
  readonly server: Server
  readonly clientIds: readonly string[]
  readonly consented: ReadonlyMap<string, readonly string[]>
  readonly now: number
}

async function reachAt(t: InTenant, { subjectId, server, clientIds, consented, now }: At) {
  const catalogue = await catalogueOf(t, server.id)
  const opened = (scopes: readonly string[]) =>
    catalogue.filter((entry) => {
      const outcome = outcomeOf(entry, { scopes, entitlements: scopes, now })?.outcome
      return outcome === 'allow' || outcome === 'step_up'
    })
  const clients: ReachedThrough[] = []
  let held: Access['roleScopes'] | undefined
  for (const clientId of clientIds) {
    const client = await t.clients.find(clientId)
    const { entitlements, roleScopes } = await readAccess(t, subjectId, clientId, server)
    held = roleScopes
    if (!client || entitlements.length === 0) continue
    const tools = opened(entitlements).map(({ name }) => name)
    const { name, active } = client
    clients.push({ clientId, name, active, scopes: entitlements, consented: consented.get(clientId) ?? null, tools })
  }
  // What roles hold does not depend on the client, so any does, also one that is not there.
  held ??= (await readAccess(t, subjectId, '', server)).roleScopes
  return {
    serverId: server.id,
    name: server.name,
    active: server.active,
    scopes: held,
    tools: [...opened(held), ...catalogue.filter(({ scopes }) => scopes === null)].map(toTool),
    clients,
  }
}

function toTool(entry: CatalogueEntry): ReachedTool {
  const { kind, name, title, scopes } = entry
  return { kind, name, title, scopes, dependsOn: guardOnly(entry) }
}
