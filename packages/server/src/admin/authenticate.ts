import { err, intersectScopes, ok, type Result, scopeClosure } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import { readAccess } from '../access/access.ts'
import { ADMIN_SCOPES, ADMIN_SERVER, adminAudience, type AdminScope } from '../access/admin-api.ts'
import { readToken } from '../account/bearer.ts'
import type { Http } from '../http/endpoint.ts'
import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Refusal } from './refusal.ts'

/** Who sent a request, and what the token is worth at this moment. */
export interface Caller {
  readonly subjectId: string
  readonly clientId: string
  /** What the token carries and roles, client and consent still allow, with all that it implies. */
  readonly scopes: readonly AdminScope[]
  /** Seconds since the epoch; undefined for an agent, which never signed in. */
  readonly authTime: number | undefined
}

const NOT_VALID: Refusal = { kind: 'unauthorized', detail: 'the access token is not valid here, or not any more' }

/** Takes a bearer token of ours for the admin API (RFC 6750, RFC 9068 §4). Says never why another one does not count. */
export async function authenticate(realm: Realm, c: Http): Promise<Result<Caller, Refusal>> {
  const sent = readToken(c)
  if (!sent.ok) return err(sent.error === 'token_missing' ? { kind: 'unauthorized' } : NOT_VALID)
  const token = await verifyOwnToken(realm, sent.value.token)
  // A token that is bound to a key is none for here: whoever sends it as a bearer token may have found it (RFC 9449 §7.2).
  if (token?.typ !== 'at+jwt' || sent.value.scheme !== 'Bearer' || 'cnf' in token.claims) return err(NOT_VALID)
  if (token.claims.aud !== adminAudience(realm.issuer)) return err(NOT_VALID)
  const caller = await realm.read((t) => findCaller(realm, t, token.claims))
  return caller ? ok(caller) : err(NOT_VALID)
}

/** Read from the database each time: a token is worth what person, client, consent and roles are worth now. */
async function findCaller(realm: Realm, t: InTenant, claims: JWTPayload): Promise<Caller | undefined> {
  const [subjectId, clientId] = [String(claims.sub), String(claims['client_id'])]
  const familyId = typeof claims['fam'] === 'string' ? claims['fam'] : undefined
  const subject = await t.subjects.find(subjectId)
  const client = await t.clients.find(clientId)
  const server = await t.servers.find(ADMIN_SERVER)
  if (subject?.status !== 'active' || !client?.active || !server?.active) return undefined
  const revokedBelow = await t.revocations.revokedBelow({ subjectId, familyId, clientId })
  if (Number(claims['epoch']) < revokedBelow) return undefined
  const granted = await grantedScopes(realm, t, { subjectId, clientId, familyId })
  if (!granted) return undefined
  const { entitlements } = await readAccess(t, subjectId, clientId, server)
  const carried = intersectScopes(String(claims['scope']).split(' '), granted === 'all' ? entitlements : granted)
  const scopes = intersectScopes(scopeClosure(carried, server.hierarchy), entitlements)
  return {
    subjectId,
    clientId,
    scopes: ADMIN_SCOPES.filter((scope) => scopes.includes(scope)),
    authTime: typeof claims['auth_time'] === 'number' ? claims['auth_time'] : undefined,
  }
}

/** What was consented to; an agent acts for itself and has nobody to ask. Undefined when the consent is gone. */
async function grantedScopes(
  realm: Realm,
  t: InTenant,
  names: { readonly subjectId: string; readonly clientId: string; readonly familyId: string | undefined },
): Promise<readonly string[] | 'all' | undefined> {
  if (names.familyId === undefined) return names.subjectId === names.clientId ? 'all' : undefined
  const family = await t.families.findLiving(names.familyId, realm.now())
  const grant = family && (await t.grants.findLivingById(family.grantId))
  return grant?.scopes
}
