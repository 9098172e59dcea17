import { err, type Form, formatScope, ok, parseScope, type Result } from '@permitry/oauth'
import { divide, readAccess } from '../access/access.ts'
import { resolveTarget } from '../access/target.ts'
import { newId } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InTenant, InUnit } from '../store/in-tenant.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import type { Server } from '../store/repositories/servers.ts'
import type { Subject } from '../store/repositories/subjects.ts'
import { auditRedemption } from './audit.ts'
import type { Redeemed } from './code-grant.ts'
import type { TokenFailure } from './failure.ts'
import { claimsForServer, type Minted, SHORT_LIFE_SECONDS } from './mint.ts'

/** What the checks look at: the client as the unit reads it, and the subject that it acts as (docs/adr/0008). */
interface AgentFacts {
  readonly client: Client
  readonly agent: Subject | undefined
  /** The person who answers for the agent; null when nobody was named. */
  readonly owner: Subject | undefined | null
}

/**
 * Each row refuses; what passes all of them acts for itself, as far as its roles go.
 * @mutated by the conformance suites
 */
export const agentChecks: [name: string, source: string, check: (facts: AgentFacts) => TokenFailure | undefined][] = [
  [
    'registered',
    'MCP OAuth Client Credentials',
    ({ client }) => (client.registration === 'registered' ? undefined : { reason: 'client_may_not_act_alone' }),
  ],
  [
    'confidential',
    'OAuth 2.1 §4.2',
    ({ client }) => (isConfidential(client) ? undefined : { reason: 'client_may_not_act_alone' }),
  ],
  ['agent', 'RFC 9700 §4.15', ({ agent }) => (agent?.kind === 'agent' ? undefined : { reason: 'agent_unknown' })],
  ['agent-active', 'ADR 0008', ({ agent }) => (agent?.status === 'active' ? undefined : { reason: 'agent_inactive' })],
  [
    'owner-active',
    'ADR 0008',
    ({ owner }) =>
      owner === null || (owner?.kind === 'person' && owner.status === 'active')
        ? undefined
        : { reason: 'owner_inactive' },
  ],
]

/** A token for a client that acts for itself (OAuth 2.1 §4.2): everything it stands on is read in one unit. */
export async function redeemClientCredentials(
  realm: Realm,
  caller: Client,
  form: Form,
): Promise<Result<Redeemed, TokenFailure>> {
  const scope = parseScope(form.values['scope'] ?? '')
  if (!scope.ok) return err({ reason: 'malformed_request', detail: scope.error })
  const asked = {
    resources: form.lists['resource'] ?? [],
    scopes: scope.value.length > 0 ? scope.value : undefined,
  }
  const decide = async (t: InUnit): Promise<Result<Redeemed, TokenFailure>> => {
    // First of all reads, so that the epoch is older than every fact.
    const tenant = await t.tenants.current()
    if (!tenant?.active) return err({ reason: 'tenant_inactive' })
    const client = await t.clients.find(caller.id)
    if (!client?.active) return err({ reason: 'client_inactive' })
    const target = await resolveTarget(t, realm.issuer, client, asked)
    if (!target.ok) return err({ reason: 'target', detail: target.error.reason })
    const { server, audience, scopes } = target.value
    // The audience would be the issuer, whose /userinfo is about people.
    if (!server) return err({ reason: 'target', detail: 'no_server' })
    const agent = await t.subjects.find(client.id)
    const owner = agent?.owner_id ? await t.subjects.find(agent.owner_id) : null
    const failure = firstFailure({ client, agent, owner })
    if (failure) return err(failure)
    const minted = await mintForAgent(realm, t, { epoch: tenant.epoch, client, server, audience, requested: scopes })
    return minted.ok ? ok({ minted: minted.value, refreshToken: undefined }) : minted
  }
  return realm.unit(async (t) => {
    const result = await decide(t)
    await auditRedemption(t, caller, 'client_credentials', result)
    return result
  })
}

interface Decided {
  readonly epoch: number
  readonly client: Client
  readonly server: Server
  readonly audience: string
  readonly requested: readonly string[]
}

/** No family, no login and no refresh token: nothing of a person is in it, and nothing outlives the roles for long. */
async function mintForAgent(
  realm: Realm,
  t: InTenant,
  { epoch, client, server, audience, requested }: Decided,
): Promise<Result<Minted, TokenFailure>> {
  const access = await readAccess(t, client.id, client.id, server)
  const scopes = divide(requested, access).granted
  if (scopes.length === 0) return err({ reason: 'scope_not_held' })
  const now = realm.now()
  const accessKey = await t.signingKeys.current('access', 'ES256', now)
  if (!accessKey) throw new Error('the tenant has no signing key')
  const issuedAt = Math.floor(now / 1000)
  return ok({
    accessClaims: {
      iss: realm.issuer,
      sub: client.id,
      aud: audience,
      iat: issuedAt,
      exp: issuedAt + SHORT_LIFE_SECONDS,
      jti: newId('at'),
      client_id: client.id,
      scope: formatScope(scopes),
      ...claimsForServer(server, access),
      epoch,
    },
    accessKey,
    idToken: undefined,
    familyId: undefined,
    serverId: server.id,
    scopes,
    expiresIn: SHORT_LIFE_SECONDS,
  })
}

function firstFailure(facts: AgentFacts): TokenFailure | undefined {
  for (const [, , check] of agentChecks) {
    const failure = check(facts)
    if (failure) return failure
  }
  return undefined
}
