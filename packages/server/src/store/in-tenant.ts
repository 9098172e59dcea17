import { appendAudit } from '../audit/append.ts'
import type { AuditEvent } from '../audit/event.ts'
import { appendRefusal } from '../audit/refusals.ts'
import { agents } from './repositories/agents.ts'
import { auditEntries } from './repositories/audit-entries.ts'
import { authorizationRequests } from './repositories/authorization-requests.ts'
import { catalogue } from './repositories/catalogue.ts'
import { clientDefinitions } from './repositories/client-definitions.ts'
import { clientDocuments } from './repositories/client-documents.ts'
import { clientList } from './repositories/client-list.ts'
import { clientLogos } from './repositories/client-logos.ts'
import { clients } from './repositories/clients.ts'
import { codes } from './repositories/codes.ts'
import { consoleSessions } from './repositories/console-sessions.ts'
import type { Db } from './repositories/database.ts'
import { decisions } from './repositories/decisions.ts'
import { declarations } from './repositories/declarations.ts'
import { dynamicClients } from './repositories/dynamic-clients.ts'
import { families } from './repositories/families.ts'
import { grantList } from './repositories/grant-list.ts'
import { grants } from './repositories/grants.ts'
import { groups } from './repositories/groups.ts'
import { idempotencyKeys } from './repositories/idempotency-keys.ts'
import { knownDevices } from './repositories/known-devices.ts'
import { labels } from './repositories/labels.ts'
import { loginFailures } from './repositories/login-failures.ts'
import { personalData } from './repositories/personal-data.ts'
import { powers } from './repositories/powers.ts'
import { rateCounts } from './repositories/rate-counts.ts'
import { refreshTokens } from './repositories/refresh-tokens.ts'
import { registrations } from './repositories/registrations.ts'
import { revocations } from './repositories/revocations.ts'
import { roles } from './repositories/roles.ts'
import { serverDefinitions } from './repositories/server-definitions.ts'
import { servers } from './repositories/servers.ts'
import { sessionList } from './repositories/session-list.ts'
import { sessions } from './repositories/sessions.ts'
import { setupLinks } from './repositories/setup-links.ts'
import { signalStreams } from './repositories/signal-streams.ts'
import { signingKeys } from './repositories/signing-keys.ts'
import { spentIds } from './repositories/spent-ids.ts'
import { subjectDefinitions } from './repositories/subject-definitions.ts'
import { subjectList } from './repositories/subject-list.ts'
import { subjects } from './repositories/subjects.ts'
import { tenants } from './repositories/tenants.ts'
import type { Tx } from './store.ts'

/** The repositories, bound to one tenant: there is no other way to them, so no query can forget its tenant. */
export function inTenant(db: Db, tenant: string) {
  return {
    db,
    tenant,
    tenants: tenants(db, tenant),
    subjects: subjects(db, tenant),
    agents: agents(db, tenant),
    servers: servers(db, tenant),
    clients: clients(db, tenant),
    dynamicClients: dynamicClients(db, tenant),
    clientDocuments: clientDocuments(db, tenant),
    clientLogos: clientLogos(db, tenant),
    registrations: registrations(db, tenant),
    powers: powers(db, tenant),
    rateCounts: rateCounts(db, tenant),
    requests: authorizationRequests(db, tenant),
    sessions: sessions(db, tenant),
    consoleSessions: consoleSessions(db, tenant),
    grants: grants(db, tenant),
    families: families(db, tenant),
    codes: codes(db, tenant),
    refreshTokens: refreshTokens(db, tenant),
    revocations: revocations(db, tenant),
    signalStreams: signalStreams(db, tenant),
    signingKeys: signingKeys(db, tenant),
    roles: roles(db, tenant),
    groups: groups(db, tenant),
    serverDefinitions: serverDefinitions(db, tenant),
    subjectDefinitions: subjectDefinitions(db, tenant),
    clientDefinitions: clientDefinitions(db, tenant),
    declarations: declarations(db, tenant),
    loginFailures: loginFailures(db, tenant),
    knownDevices: knownDevices(db, tenant),
    spentIds: spentIds(db, tenant),
    setupLinks: setupLinks(db, tenant),
    idempotencyKeys: idempotencyKeys(db, tenant),
    catalogue: catalogue(db, tenant),
    decisions: decisions(db, tenant),
    subjectList: subjectList(db, tenant),
    clientList: clientList(db, tenant),
    labels: labels(db, tenant),
    grantList: grantList(db, tenant),
    sessionList: sessionList(db, tenant),
    auditEntries: auditEntries(db, tenant),
    personalData: personalData(db, tenant),
  }
}

export type InTenant = ReturnType<typeof inTenant>

/** The repositories inside a unit of work, where what happens is also written to the audit chain. */
export interface InUnit extends InTenant {
  /** Adds an event to the chain; without it, what it tells of does not happen. */
  readonly audit: (event: Omit<AuditEvent, 'tenant' | 'at'>) => Promise<void>
  /** The same for a refusal that strangers can bring about as often as they like: it is told without filling the disk. */
  readonly auditRefused: (event: Omit<AuditEvent, 'tenant' | 'at' | 'outcome'>) => Promise<void>
}

export function inUnit(tx: Tx, tenant: string, now: () => number): InUnit {
  const repositories = inTenant(tx, tenant)
  return {
    ...repositories,
    audit: (event) => appendAudit(tx, { ...event, tenant, at: now() }),
    auditRefused: (event) =>
      appendRefusal(tx, repositories.rateCounts, { ...event, outcome: 'refused', tenant, at: now() }),
  }
}
