import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '@permitry/oauth'
import type { Realm } from '../realm.ts'

/** The forms on the way of an authorization request. */
export type FlowStep = 'login' | 'consent'

/** What a step is bound to: the stored request, the browser that began it and the session it goes on with. */
export interface FlowBinding {
  readonly requestId: string
  readonly browserHash: string
  readonly sessionId: string | undefined
}

/**
 * Proves that this server sent this browser, with this session, to this step of this request. A link that is passed to
 * a victim does not continue, and a form cannot be posted across sites.
 */
export function proofOf(realm: Realm, step: FlowStep, binding: FlowBinding): string {
  const bound = JSON.stringify([realm.tenant, step, binding.requestId, binding.browserHash, binding.sessionId ?? null])
  return createHmac('sha256', realm.secrets.flow).update(bound).digest('base64url')
}

export function isProofOf(realm: Realm, step: FlowStep, binding: FlowBinding, proof: string): boolean {
  return equalInConstantTime(proofOf(realm, step, binding), proof)
}
