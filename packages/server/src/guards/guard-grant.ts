import { err, type Form, formatScope, ok, parseScope, type Result } from '@permitry/oauth'
import { GUARD_SCOPES, guardAudience, isGuardApi } from '../access/guard-api.ts'
import { newId } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import type { InUnit } from '../store/in-tenant.ts'
import { auditRedemption } from '../token/audit.ts'
import type { Redeemed } from '../token/code-grant.ts'
import type { TokenFailure } from '../token/failure.ts'
import { SHORT_LIFE_SECONDS } from '../token/mint.ts'

/** Whether a token request is for the guard API: with `client_credentials` and that one resource. */
export function asksForGuardApi(realm: Realm, { values, lists }: Form): boolean {
  const [resource, ...more] = lists['resource'] ?? []
  if (values['grant_type'] !== 'client_credentials' || resource === undefined || more.length > 0) return false
  return isGuardApi(realm.issuer, resource)
}

/**
 * A token for the guard API (OAuth 2.1 §4.2), for a server credential: a registered client that authenticates and guards an MCP
 * server. It acts for no subject, so it needs no agent and no role.
 */
export async function redeemForGuardApi(
  realm: Realm,
  caller: Client,
  form: Form,
): Promise<Result<Redeemed, TokenFailure>> {
  const asked = parseScope(form.values['scope'] ?? '')
  if (!asked.ok) return err({ reason: 'malformed_request', detail: asked.error })
  const scopes = asked.value.length > 0 ? asked.value : GUARD_SCOPES
  if (scopes.some((scope) => !GUARD_SCOPES.some((known) => known === scope)))
    return err({ reason: 'target', detail: 'scope_unknown' })
  return realm.unit(async (t) => {
    const result = await decide(realm, t, caller.id, scopes)
    await auditRedemption(t, caller, 'client_credentials', result)
    return result
  })
}

async function decide(
  realm: Realm,
  t: InUnit,
  clientId: string,
  scopes: readonly string[],
): Promise<Result<Redeemed, TokenFailure>> {
  // First of all reads, so that the epoch is older than every fact.
  const tenant = await t.tenants.current()
  if (!tenant?.active) return err({ reason: 'tenant_inactive' })
  const client = await t.clients.find(clientId)
  if (!client?.active) return err({ reason: 'client_inactive' })
  if (!isServerCredential(client)) return err({ reason: 'target', detail: 'client_not_authorized' })
  const now = realm.now()
  const accessKey = await t.signingKeys.current('access', 'ES256', now)
  if (!accessKey) throw new Error('the tenant has no signing key')
  const issuedAt = Math.floor(now / 1000)
  const accessClaims = {
    iss: realm.issuer,
    sub: client.id,
    aud: guardAudience(realm.issuer),
    iat: issuedAt,
    exp: issuedAt + SHORT_LIFE_SECONDS,
    jti: newId('at'),
    client_id: client.id,
    scope: formatScope(scopes),
    epoch: tenant.epoch,
  }
  const minted = {
    accessClaims,
    accessKey,
    idToken: undefined,
    familyId: undefined,
    serverId: '',
    scopes,
    expiresIn: SHORT_LIFE_SECONDS,
  }
  return ok({ minted, refreshToken: undefined })
}

/** Only what an operator registered speaks for an MCP server. */
export function isServerCredential(client: Client): boolean {
  return client.registration === 'registered' && isConfidential(client) && client.guards.length > 0
}
