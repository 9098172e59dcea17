import type { Realm } from '../realm.ts'
import type { DocumentFailure } from '../register/document/standing.ts'
import type { InUnit } from '../store/in-tenant.ts'
import type { RequestFailure } from './checks.ts'
import type { Facts } from './facts.ts'
import type { AuthorizationRequest } from './request.ts'

/** Whatever strangers send is kept for good here, so it is short. */
const LONGEST_SENT = 200

/** Records that a client was refused an authorization before the person was asked. */
export async function auditRefusal(
  t: InUnit,
  { client, target }: Facts,
  failure: RequestFailure,
  subjectId?: string,
): Promise<void> {
  await t.auditRefused({
    type: 'authorization.refused',
    subjectId,
    clientId: client?.id,
    serverId: target?.ok ? target.value.server?.id : undefined,
    reason: failure.error,
    detail: { description: failure.description },
  })
}

/** Records that only the person was told: the client is not known, or the redirect URI is not one of its own. */
export async function auditUnsafe(
  realm: Realm,
  { clientId, redirectUri }: AuthorizationRequest,
  knownId: string | undefined,
): Promise<void> {
  const detail = {
    client_id: clientId?.slice(0, LONGEST_SENT) ?? null,
    redirect_uri: redirectUri?.slice(0, LONGEST_SENT) ?? null,
  }
  const reason = knownId === undefined ? 'client_unknown' : 'redirect_uri_mismatch'
  await realm.unit((t) => t.auditRefused({ type: 'authorization.refused', clientId: knownId, reason, detail }))
}

/** Records that a client could not be known by its document. */
export async function auditDocument(
  realm: Realm,
  { clientId }: AuthorizationRequest,
  { reason, detail: description }: DocumentFailure,
): Promise<void> {
  const detail = {
    client_id: clientId?.slice(0, LONGEST_SENT) ?? null,
    description: description.slice(0, LONGEST_SENT),
  }
  await realm.unit((t) =>
    t.auditRefused({ type: 'authorization.refused', reason: `client_document: ${reason}`, detail }),
  )
}
