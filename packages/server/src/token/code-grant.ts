import {
  equalInConstantTime,
  err,
  type Form,
  isCodeVerifier,
  ok,
  type Result,
  s256,
  sameResource,
} from '@permitry/oauth'
import { newSecret, sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant, InUnit } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Code } from '../store/repositories/codes.ts'
import { auditRedemption } from './audit.ts'
import { bindRefreshToken } from './bind-refresh-token.ts'
import type { TokenFailure } from './failure.ts'
import { endFamily } from './end-family.ts'
import { mint, type Minted } from './mint.ts'

/** What the checks of a redemption look at: a code that is known. `challenge` is computed from the verifier that was sent. */
interface CodeFacts {
  readonly code: Code
  readonly client: Client
  readonly redirectUri: string | undefined
  readonly challenge: string | undefined
  readonly resources: readonly string[]
  /** Thumbprint of the key that the client proved to hold. */
  readonly provedKey: string | undefined
}

/**
 * Each row denies and changes nothing: only who passes them all may spend the code (OAuth 2.1 §4.1.3).
 * @mutated by the conformance suites
 */
export const codeChecks: [name: string, source: string, check: (facts: CodeFacts) => TokenFailure | undefined][] = [
  [
    'client',
    'OAuth 2.1 §4.1.3',
    ({ code, client }) => (code.clientId === client.id ? undefined : { reason: 'code_of_other_client' }),
  ],
  [
    'redirect-uri',
    'OAuth 2.1 §10.2',
    ({ code, redirectUri }) =>
      redirectUri === undefined || redirectUri === code.redirectUri ? undefined : { reason: 'redirect_uri_mismatch' },
  ],
  [
    'pkce',
    'RFC 7636 §4.6',
    ({ code, challenge }) =>
      challenge !== undefined && equalInConstantTime(challenge, code.challenge)
        ? undefined
        : { reason: 'pkce_mismatch' },
  ],
  [
    'resource',
    'RFC 8707 §2.2',
    ({ code, resources }) =>
      resources.every((resource) => code && sameResource(code.resource, resource))
        ? undefined
        : { reason: 'resource_mismatch' },
  ],
  [
    'bound-key',
    'RFC 9449 §10',
    ({ code, provedKey }) =>
      code.boundKey === null || code.boundKey === provedKey ? undefined : { reason: 'code_bound_to_key' },
  ],
]

export interface Redeemed {
  readonly minted: Minted
  readonly refreshToken: string | undefined
}

/** Redeems an authorization code: checks, then consume, tokens and refresh token in one unit. */
export async function redeemCode(
  realm: Realm,
  client: Client,
  form: Form,
  provedKey: string | undefined,
): Promise<Result<Redeemed, TokenFailure>> {
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = form.values
  if (code === undefined) return err({ reason: 'malformed_request', detail: 'code is missing' })
  const challenge = verifier !== undefined && isCodeVerifier(verifier) ? await s256(verifier) : undefined
  const hash = sha256(code)
  const decide = async (t: InUnit): Promise<Result<Redeemed, TokenFailure>> => {
    const tenant = await t.tenants.current()
    if (!tenant) return err({ reason: 'tenant_inactive' })
    const stored = await t.codes.find(hash)
    if (!stored) return err({ reason: 'code_unknown' })
    const now = realm.now()
    const family = await t.families.findLiving(stored.familyId, now)
    const failure = firstFailure({
      code: stored,
      client,
      redirectUri,
      challenge,
      resources: form.lists['resource'] ?? [],
      provedKey,
    })
    if (failure) return err(failure)
    if (stored.consumedAt === null && stored.expiresAt <= now) return err({ reason: 'code_expired' })
    // INVARIANT (single use): this statement has one winner. Whoever passed all checks and is not it, replays.
    if (!(await t.codes.consume(hash, now))) {
      await endFamily(realm, t, stored.familyId, 'code replayed')
      return err({ reason: 'replayed', familyId: stored.familyId })
    }
    if (!family) return err({ reason: 'family_ended' })
    const minted = await mint(realm, t, tenant, client, family)
    if (!minted.ok) return minted
    await bindRefreshToken(t, client, family, provedKey)
    return ok({ minted: minted.value, refreshToken: await firstRefreshToken(realm, t, client, family.id) })
  }
  return realm.unit(async (t) => {
    const result = await decide(t)
    await auditRedemption(t, client, 'authorization_code', result)
    return result
  })
}

async function firstRefreshToken(
  realm: Realm,
  t: InTenant,
  client: Client,
  familyId: string,
): Promise<string | undefined> {
  if (!client.grantTypes.includes('refresh_token')) return undefined
  const token = newSecret('prt_')
  await t.refreshTokens.add(sha256(token), familyId, realm.now())
  return token
}

function firstFailure(facts: CodeFacts): TokenFailure | undefined {
  for (const [, , check] of codeChecks) {
    const failure = check(facts)
    if (failure) return failure
  }
  return undefined
}
