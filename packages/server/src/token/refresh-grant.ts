import { err, type Form, ok, parseScope, type Result, sameResource } from '@permitry/oauth'
import { open, seal } from '../keys/envelope.ts'
import { deriveKey, newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant, InUnit } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Family } from '../store/repositories/families.ts'
import type { Redeemed } from './code-grant.ts'
import { endFamily } from './end-family.ts'
import { auditRedemption } from './audit.ts'
import { bindRefreshToken } from './bind-refresh-token.ts'
import type { TokenFailure } from './failure.ts'
import { mint } from './mint.ts'

/** Parallel agents and lost responses: for this long the predecessor still leads to its one successor. */
const RETRY_WINDOW_MS = 30_000
const FAMILY_IDLE_MS = 14 * 24 * 3_600_000

/** What the checks of a refresh look at: the living family of a token that is known. */
interface RefreshFacts {
  readonly family: Family
  readonly client: Client
  readonly resources: readonly string[]
  readonly scopes: readonly string[] | undefined
  /** Thumbprint of the key that the client proved to hold. */
  readonly provedKey: string | undefined
}

/**
 * Each row denies and changes nothing; replay is decided after them (OAuth 2.1 §4.3).
 * @mutated by the conformance suites
 */
export const refreshChecks: [name: string, source: string, check: (facts: RefreshFacts) => TokenFailure | undefined][] =
  [
    [
      'client',
      'OAuth 2.1 §4.3',
      ({ family, client }) => (family.clientId === client.id ? undefined : { reason: 'refresh_token_of_other_client' }),
    ],
    [
      'bound-key',
      'RFC 9449 §5',
      ({ family, provedKey }) =>
        family.boundKey === null || family.boundKey === provedKey
          ? undefined
          : { reason: 'refresh_token_bound_to_key' },
    ],
    [
      'resource',
      'RFC 8707 §2.2',
      ({ family, resources }) =>
        resources.every((resource) => sameResource(family.audience, resource))
          ? undefined
          : { reason: 'resource_mismatch' },
    ],
    [
      'scope',
      'OAuth 2.1 §4.3.1',
      ({ family, scopes }) =>
        scopes?.every((scope) => family.scopes.includes(scope) || family.identityScopes.includes(scope)) === false
          ? { reason: 'scope_widened' }
          : undefined,
    ],
  ]

/** Redeems a refresh token: rotation, new tokens and the check of everything that may have changed since, in one unit. */
export async function redeemRefreshToken(
  realm: Realm,
  client: Client,
  form: Form,
  provedKey: string | undefined,
): Promise<Result<Redeemed, TokenFailure>> {
  const presented = form.values['refresh_token']
  if (presented === undefined) return err({ reason: 'malformed_request', detail: 'refresh_token is missing' })
  const scope = parseScope(form.values['scope'] ?? '')
  if (!scope.ok) return err({ reason: 'malformed_request', detail: scope.error })
  const scopes = scope.value.length > 0 ? scope.value : undefined
  const resources = form.lists['resource'] ?? []
  const hash = sha256(presented)
  const fingerprint = sha256(JSON.stringify([client.id, provedKey ?? null, resources, scopes ?? []]))
  const successor = newSecret('prt_')
  const sealKey = deriveKey(presented, 'refresh successor')
  const sealedAt = [realm.tenant, 'refresh_tokens', hash, 'successor_sealed']
  const successorSealed = seal(sealKey, successor, sealedAt)

  const decide = async (t: InUnit): Promise<Result<Redeemed, TokenFailure>> => {
    const tenant = await t.tenants.current()
    if (!tenant) return err({ reason: 'tenant_inactive' })
    const now = realm.now()
    const token = await t.refreshTokens.find(hash)
    if (!token) return err({ reason: 'refresh_token_unknown' })
    const family = await t.families.findLiving(token.familyId, now)
    if (!family) return err({ reason: 'family_ended' })
    const failure = firstFailure({ family, client, resources, scopes, provedKey })
    if (failure) return err(failure)

    const minted = await mint(realm, t, tenant, client, family, scopes)
    if (!minted.ok) return minted
    // INVARIANT (single use): one caller rotates; the others find its successor or are replays.
    if (await t.refreshTokens.rotate(hash, fingerprint, successorSealed, now)) {
      await t.refreshTokens.add(sha256(successor), family.id, now)
      await t.families.extend(family.id, now + FAMILY_IDLE_MS)
      await bindRefreshToken(t, client, family, provedKey)
      return ok({ minted: minted.value, refreshToken: successor })
    }
    const sealed = await sealedSuccessor(t, hash, fingerprint, now)
    if (sealed !== undefined) return ok({ minted: minted.value, refreshToken: open(sealKey, sealed, sealedAt) })
    await endFamily(realm, t, family.id, 'refresh token replayed')
    return err({ reason: 'replayed', familyId: family.id })
  }
  return realm.unit(async (t) => {
    const result = await decide(t)
    await auditRedemption(t, client, 'refresh_token', result)
    return result
  })
}

/** The successor of a token that was just rotated by the same request; read again, because a parallel unit may have rotated it. */
async function sealedSuccessor(
  t: InTenant,
  hash: string,
  fingerprint: string,
  now: number,
): Promise<string | undefined> {
  const token = await t.refreshTokens.find(hash)
  if (!token || token.consumedAt === null || token.successorSealed === null) return undefined
  // In both directions: a clock that went back must not open the window anew, and replicas differ by moments.
  return Math.abs(now - token.consumedAt) <= RETRY_WINDOW_MS && token.consumedFor === fingerprint
    ? token.successorSealed
    : undefined
}

function firstFailure(facts: RefreshFacts): TokenFailure | undefined {
  for (const [, , check] of refreshChecks) {
    const failure = check(facts)
    if (failure) return failure
  }
  return undefined
}
