import { err, formatScope, intersectScopes, ok, type Result } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import { type Access, readAccess, scopesOfToken } from '../access/access.ts'
import { isSameParty } from '../authorize/client-fingerprint.ts'
import { newId } from '../keys/secrets.ts'
import { ID_TOKEN_KEYS } from '../keys/key-life.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Family } from '../store/repositories/families.ts'
import type { Server } from '../store/repositories/servers.ts'
import type { SigningKey } from '../store/repositories/signing-keys.ts'
import type { Tenant } from '../store/repositories/tenants.ts'
import { idTokenClaims } from './id-token.ts'
import type { TokenFailure } from './failure.ts'

/** Five minutes beside a refresh token or for an agent; alone up to an hour, as the MCP server says (design decision 5). */
export const SHORT_LIFE_SECONDS = 300
const SECONDS_ALONE = 3600

/** What a mint decided. Signing happens after COMMIT: a unit awaits nothing but the database. */
export interface Minted {
  readonly accessClaims: JWTPayload
  readonly accessKey: SigningKey
  /** Undefined without `openid`. */
  readonly idToken:
    | { readonly claims: JWTPayload; readonly key: SigningKey; readonly alg: Client['idTokenAlg'] }
    | undefined
  /** Undefined where a client acts for itself: then there is nothing that could be refreshed or ended. */
  readonly familyId: string | undefined
  /** Empty when the audience is the issuer. */
  readonly serverId: string
  readonly scopes: readonly string[]
  readonly expiresIn: number
}

/**
 * Decides on the tokens of a family: family ∩ grant ∩ client ∩ roles, with tenant, client, subject and server active, all
 * read in the caller's unit. `tenant` must have been read first in that unit, so that the epoch is older than every fact.
 */
export async function mint(
  realm: Realm,
  t: InTenant,
  tenant: Tenant,
  client: Client,
  family: Family,
  requested?: readonly string[],
): Promise<Result<Minted, TokenFailure>> {
  if (!tenant.active) return err({ reason: 'tenant_inactive' })
  const current = await t.clients.find(client.id)
  if (!current?.active) return err({ reason: 'client_inactive' })
  const subject = await t.subjects.find(family.subjectId)
  if (subject?.status !== 'active') return err({ reason: 'subject_inactive' })
  const grant = await t.grants.findLivingById(family.grantId)
  if (!grant) return err({ reason: 'grant_ended' })
  // An operator knows what he changed; of the others nobody does, so the person is asked (CIMD §6.3).
  if (current.registration !== 'registered' && !isSameParty(grant.clientFingerprint, current))
    return err({ reason: 'client_changed' })

  const identityScopes = intersectScopes(family.identityScopes, grant.identityScopes)
  const server = family.serverId === '' ? undefined : await t.servers.find(family.serverId)
  if (family.serverId !== '' && !server?.active) return err({ reason: 'server_inactive' })
  const access = server && (await readAccess(t, subject.id, client.id, server))
  const scopes = access
    ? scopesOfToken(access, { family: family.scopes, grant: grant.scopes, requested })
    : identityScopes
  if (scopes.length === 0) return err({ reason: 'no_scope_left' })

  const now = realm.now()
  const accessKey = await t.signingKeys.current('access', 'ES256', now)
  const idKey = await t.signingKeys.current('id', ID_TOKEN_KEYS[client.idTokenAlg], now)
  if (!accessKey || !idKey) throw new Error('the tenant has no signing key')

  const issuedAt = Math.floor(now / 1000)
  const expiresIn = client.grantTypes.includes('refresh_token')
    ? SHORT_LIFE_SECONDS
    : Math.min(server?.accessTokenSeconds ?? SECONDS_ALONE, SECONDS_ALONE)
  const common = {
    iss: realm.issuer,
    sub: subject.id,
    iat: issuedAt,
    exp: issuedAt + expiresIn,
    auth_time: Math.floor(family.authTime / 1000),
    acr: family.acr,
    amr: [...family.amr],
  }
  return ok({
    accessClaims: {
      ...common,
      aud: family.audience,
      jti: newId('at'),
      client_id: client.id,
      scope: formatScope(scopes),
      ...(server && access ? claimsForServer(server, access) : {}),
      fam: family.id,
      epoch: tenant.epoch,
    },
    accessKey,
    idToken: identityScopes.includes('openid')
      ? {
          claims: idTokenClaims(common, client.id, family, subject, identityScopes),
          key: idKey,
          alg: client.idTokenAlg,
        }
      : undefined,
    familyId: family.id,
    serverId: family.serverId,
    scopes,
    expiresIn,
  })
}

/** `entitlements` and, for a server that asked for them, `roles` (RFC 9068 §2.2.3.1). */
export function claimsForServer(server: Server, access: Access): JWTPayload {
  return {
    entitlements: [...access.entitlements],
    ...(server.claims.includes('roles') ? { roles: [...access.roles] } : {}),
  }
}
