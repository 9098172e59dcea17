import type { InUnit } from '../store/in-tenant.ts'
import type { RequestFailure } from './checks.ts'
import type { Facts } from './facts.ts'

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
