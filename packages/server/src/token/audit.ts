import type { Result } from '@permitry/oauth'
import type { ProofFailure } from '@permitry/oauth/dpop'
import type { Realm } from '../realm.ts'
import type { InUnit } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Redeemed } from './code-grant.ts'
import { toWire, type TokenFailure } from './failure.ts'

/** Records that a DPoP proof was refused. A client that is asked for a nonce does nothing wrong. */
export async function auditProofFailure(realm: Realm, client: Client, failure: ProofFailure): Promise<void> {
  if (failure === 'nonce') return
  const actor = { kind: 'client', id: client.id } as const
  const reason = `dpop_proof: ${failure}`
  await realm.unit((t) => t.audit({ type: 'token.refused', outcome: 'refused', actor, clientId: client.id, reason }))
}

/** Records the outcome of a token request in the unit that decided it. */
export async function auditRedemption(
  t: InUnit,
  client: Client,
  grantType: string,
  result: Result<Redeemed, TokenFailure>,
): Promise<void> {
  const actor = { kind: 'client', id: client.id } as const
  if (!result.ok) {
    const replayed = result.error.reason === 'replayed'
    await t.auditRefused({
      type: replayed ? 'token.replayed' : 'token.refused',
      actor,
      clientId: client.id,
      familyId: result.error.reason === 'replayed' ? result.error.familyId : undefined,
      reason: auditReason(result.error),
      detail: { grant_type: grantType, error: toWire(result.error).body.error },
    })
    return
  }
  const { familyId, serverId, scopes, accessClaims } = result.value.minted
  await t.audit({
    type: 'token.minted',
    outcome: 'allowed',
    actor,
    subjectId: accessClaims.sub,
    clientId: client.id,
    serverId: serverId === '' ? undefined : serverId,
    familyId,
    detail: {
      grant_type: grantType,
      jti: accessClaims.jti ?? null,
      audience: String(accessClaims.aud),
      scopes,
      epoch: Number(accessClaims['epoch']),
    },
  })
}

/** The failure, and behind a colon which kind of it: what connections/remedies.ts has a fix for. */
function auditReason(failure: TokenFailure): string {
  switch (failure.reason) {
    case 'client_authentication':
    case 'dpop_proof':
    case 'target':
      return `${failure.reason}: ${failure.detail}`
    default:
      return failure.reason
  }
}
