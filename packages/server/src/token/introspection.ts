import { formatScope } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import { sha256 } from '../keys/secrets.ts'
import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Family } from '../store/repositories/families.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { Subject } from '../store/repositories/subjects.ts'

/** What a token stands on, as the database has it now. Signature and expiry were checked before. */
interface IntrospectionFacts {
  readonly caller: Client
  readonly kind: 'access' | 'refresh'
  /** The client that the token was issued to. */
  readonly client: Client | undefined
  readonly subject: Subject | undefined
  /** The person who answers for an agent; null where there is none. */
  readonly owner: Subject | undefined | null
  /** The MCP server that the token is for; null when its audience is the issuer. */
  readonly server: { readonly id: string; readonly active: boolean } | undefined | null
  /** Undefined when it has ended; null for a token that has none. */
  readonly family: Family | undefined | null
  readonly grant: Grant | undefined | null
  readonly epoch: number
  /** Tokens below this epoch are refused. */
  readonly revokedBelow: number
}

/**
 * Each row must hold; one that does not makes the token inactive, without a reason (RFC 7662 §2.2).
 */
export const introspectionChecks: [name: string, source: string, holds: (facts: IntrospectionFacts) => boolean][] = [
  [
    'caller',
    'RFC 7662 §4',
    ({ caller, client, kind, server }) =>
      client?.id === caller.id || (kind === 'access' && caller.guards.some((id) => id === server?.id)),
  ],
  ['client', 'RFC 7662 §2.2', ({ client }) => client?.active === true],
  ['subject', 'RFC 7662 §2.2', ({ subject }) => subject?.status === 'active'],
  ['owner', 'ADR 0008', ({ owner }) => owner === null || owner?.status === 'active'],
  ['server', 'RFC 7662 §2.2', ({ server }) => server === null || server?.active === true],
  ['family', 'RFC 7662 §2.2', ({ family }) => family !== undefined],
  ['grant', 'RFC 7662 §2.2', ({ grant }) => grant !== undefined],
  ['epoch', 'RFC 7662 §2.2', ({ epoch, revokedBelow }) => epoch >= revokedBelow],
]

export interface Introspected {
  readonly facts: IntrospectionFacts
  /** What whoever may ask is told beside `active`. */
  readonly members: JWTPayload
}

/** Finds out what a token is; undefined for what is no living access or refresh token of this tenant. */
export async function readIntrospected(realm: Realm, caller: Client, token: string): Promise<Introspected | undefined> {
  const own = await verifyOwnToken(realm, token)
  if (own) return own.typ === 'at+jwt' ? realm.read((t) => readAccessToken(realm, t, caller, own.claims)) : undefined
  return realm.read((t) => readRefreshToken(realm, t, caller, sha256(token)))
}

/** RFC 7662 §2.2, RFC 9449 §6.2, RFC 9396 §9.2, RFC 9470 §6.2: what is in the token and says something to whoever asks. */
const MEMBERS = [
  'iss',
  'sub',
  'aud',
  'client_id',
  'scope',
  'iat',
  'exp',
  'jti',
  'auth_time',
  'acr',
  'cnf',
  'authorization_details',
]

async function readAccessToken(
  realm: Realm,
  t: InTenant,
  caller: Client,
  claims: JWTPayload,
): Promise<Introspected | undefined> {
  const { sub: subjectId = '', aud, client_id, fam } = claims
  const clientId = String(client_id)
  const familyId = typeof fam === 'string' ? fam : undefined
  const family = familyId === undefined ? null : await t.families.findLiving(familyId, realm.now())
  const subject = await t.subjects.find(subjectId)
  const facts: IntrospectionFacts = {
    caller,
    kind: 'access',
    client: await t.clients.find(clientId),
    subject,
    owner: subject?.owner_id ? await t.subjects.find(subject.owner_id) : null,
    server: aud === realm.issuer ? null : await findServer(t, String(aud)),
    family,
    grant: family ? await t.grants.findLivingById(family.grantId) : null,
    epoch: Number(claims['epoch']),
    revokedBelow: await t.revocations.revokedBelow({ subjectId, familyId, clientId }),
  }
  const members = Object.fromEntries(MEMBERS.filter((name) => name in claims).map((name) => [name, claims[name]]))
  return { facts, members: { ...members, token_type: 'cnf' in claims ? 'DPoP' : 'Bearer' } }
}

async function findServer(t: InTenant, audience: string) {
  const named = await t.servers.findByResource(audience)
  return named && t.servers.find(named.serverId)
}

/** A refresh token has no epoch: it is worth what its family is. */
async function readRefreshToken(
  realm: Realm,
  t: InTenant,
  caller: Client,
  hash: string,
): Promise<Introspected | undefined> {
  const token = await t.refreshTokens.find(hash)
  const family = token?.consumedAt === null ? await t.families.findLiving(token.familyId, realm.now()) : undefined
  if (!family) return undefined
  const { subjectId, clientId, serverId, idleExpiresAt, absoluteExpiresAt } = family
  const facts: IntrospectionFacts = {
    caller,
    kind: 'refresh',
    client: await t.clients.find(clientId),
    subject: await t.subjects.find(subjectId),
    owner: null,
    server: serverId === '' ? null : await t.servers.find(serverId),
    family,
    grant: await t.grants.findLivingById(family.grantId),
    epoch: 0,
    revokedBelow: 0,
  }
  const members = {
    iss: realm.issuer,
    sub: subjectId,
    client_id: clientId,
    scope: formatScope([...family.scopes, ...family.identityScopes]),
    exp: Math.floor(Math.min(idleExpiresAt, absoluteExpiresAt) / 1000),
  }
  return { facts, members }
}
