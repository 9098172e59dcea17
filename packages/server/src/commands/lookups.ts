import { isReserved } from '../access/admin-api.ts'
import { type Reach, reachOf } from '../access/reach.ts'
import { inTenant } from '../store/in-tenant.ts'
import type { AuditEntry, AuditFilter } from '../store/repositories/audit-entries.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import type { Family } from '../store/repositories/families.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { ServerDefinition } from '../store/repositories/server-definitions.ts'
import type { Session } from '../store/repositories/sessions.ts'
import type { Operator } from './run.ts'

/** A client that an operator registered, and whether it may work. */
export interface RegisteredClient extends ClientDefinition {
  readonly active: boolean
}

/** The clients that operators registered, or the one with an id; those that are built in are nobody's to change. */
export function listClients({ store, tenant }: Operator, id?: string): Promise<RegisteredClient[]> {
  return store.read(async (db) => {
    const t = inTenant(db, tenant)
    const one = id === undefined ? undefined : await t.clientDefinitions.find(id)
    const all = id === undefined ? await t.clientDefinitions.all() : one ? [one] : []
    const definitions = all.filter((client) => !isReserved(client.id))
    const found = await Promise.all(definitions.map((client) => t.clients.find(client.id)))
    return definitions.map((client, index) => ({ ...client, active: found[index]?.active === true }))
  })
}

/** The MCP servers that are registered. The admin API is kept like one and is none. */
export async function listServers({ store, tenant }: Operator): Promise<ServerDefinition[]> {
  const all = await store.read((db) => inTenant(db, tenant).serverDefinitions.all())
  return all.filter(({ id }) => !isReserved(id))
}

/** The living grants of one person, or of everybody: what `withdrawGrant` takes the id from. */
export function listGrants({ store, tenant }: Operator, subjectId?: string): Promise<Grant[]> {
  return store.read((db) => inTenant(db, tenant).grants.allLiving(subjectId))
}

/**
 * Finds the subject id that an operator means by an id or a user name. An id wins, so that nobody can take another one's
 * place by choosing that id as a user name.
 */
export function findSubjectId({ store, tenant }: Operator, idOrUsername: string): Promise<string | undefined> {
  return store.read(async (db) => {
    const { subjects } = inTenant(db, tenant)
    const subject = (await subjects.find(idOrUsername)) ?? (await subjects.findByUsername(idOrUsername))
    return subject?.id
  })
}

/** Whether the operator's tenant exists. */
export function tenantExists({ store, tenant }: Operator): Promise<boolean> {
  return store.read(async (db) => (await inTenant(db, tenant).tenants.current()) !== undefined)
}

/** The living families of one person: what `endFamily` takes the id from. */
export function listFamilies({ store, tenant, now }: Operator, subjectId: string): Promise<Family[]> {
  return store.read((db) => inTenant(db, tenant).families.allLiving({ subjectId }, now()))
}

/** The living sessions of one person: what `endSession` takes the id from. */
export function listSessions({ store, tenant, now }: Operator, subjectId: string): Promise<Session[]> {
  return store.read((db) => inTenant(db, tenant).sessions.allLiving(subjectId, now()))
}

/** What happened, the newest first. */
export async function listAudit({ store, tenant }: Operator, filter: AuditFilter): Promise<readonly AuditEntry[]> {
  return (await store.read((db) => inTenant(db, tenant).auditEntries.page(filter))).items
}

/** What a person or an agent could do; undefined where there is nobody with this id. */
export function findReach({ store, tenant, now }: Operator, subjectId: string): Promise<Reach | undefined> {
  return store.read((db) => reachOf(inTenant(db, tenant), subjectId, now()))
}
