import { isSameParty } from '../authorize/client-fingerprint.ts'
import { catalogueOf, type CatalogueEntry } from '../catalogue/entries.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Family } from '../store/repositories/families.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { Server } from '../store/repositories/servers.ts'
import type { Subject } from '../store/repositories/subjects.ts'
import { type Access, readAccess, scopesOfToken } from './access.ts'

/** A call that nobody has made yet. */
export interface HypotheticalCall {
  readonly subjectId: string
  readonly clientId: string
  readonly serverId: string
  readonly type: CatalogueEntry['kind']
  readonly name: string
}

/** A token that is there, or that can be had without asking anybody. */
interface Token {
  readonly scopes: readonly string[]
  /** Undefined for an agent, which never signed in. */
  readonly login: Pick<Family, 'acr' | 'authTime'> | undefined
}

/** Everything that a call depends on, as the database has it now. */
export interface CallFacts {
  readonly call: HypotheticalCall
  readonly now: number
  readonly person: Subject | undefined
  /** Who answers for an agent; null where nobody was named. */
  readonly owner: Subject | undefined | null
  readonly client: Client | undefined
  readonly server: Server | undefined
  /** What is known of the thing that would be called. */
  readonly entry: CatalogueEntry | undefined
  readonly access: Access
  /** Whether the client may ask for the server at all. */
  readonly mayAsk: boolean
  /** An agent acts for itself: there is nobody to consent. */
  readonly isAlone: boolean
  readonly grant: Grant | undefined
  /** Whether tokens still go to whom the person consented. */
  readonly isSameParty: boolean
  readonly tokens: readonly Token[]
}

const NO_ACCESS: Access = { entitlements: [], roles: [], roleScopes: [], clientScopes: [] }

export async function findCallFacts(t: InTenant, call: HypotheticalCall, now: number): Promise<CallFacts> {
  const { subjectId, clientId, serverId, type, name } = call
  const person = await t.subjects.find(subjectId)
  const owner = person?.owner_id ? await t.subjects.find(person.owner_id) : null
  const client = await t.clients.find(clientId)
  const server = await t.servers.find(serverId)
  const catalogue = server ? await catalogueOf(t, serverId) : []
  const access = server ? await readAccess(t, subjectId, clientId, server) : NO_ACCESS
  const grant = await t.grants.findLiving(subjectId, clientId, serverId)
  const isAlone = person?.kind === 'agent' && subjectId === clientId
  const families = grant ? await t.families.allLiving({ grantId: grant.id }, now) : []
  const answered = families.map((family): Token => ({
    scopes: scopesOfToken(access, { family: family.scopes, grant: grant?.scopes ?? [] }),
    login: { acr: family.acr, authTime: family.authTime },
  }))
  return {
    call,
    now,
    person,
    owner,
    client,
    server,
    entry: catalogue.find((one) => one.kind === type && one.name === name),
    access,
    mayAsk: (await t.clients.servers(clientId)).has(serverId),
    isAlone,
    grant,
    isSameParty:
      client?.registration === 'registered' ||
      (client !== undefined && grant !== undefined && isSameParty(grant.clientFingerprint, client)),
    tokens: isAlone ? [{ scopes: access.entitlements, login: undefined }] : answered,
  }
}
