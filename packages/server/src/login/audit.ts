import type { InUnit } from '../store/in-tenant.ts'
import type { AcceptedLogin, AdmittedAttempt, RefusedLogin } from './attempt.ts'
import type { SignedIn } from './session.ts'

const LONGEST_NAME = 200

/** Tells of a login in the unit that decided it. What was typed and from where goes with the person it tells of. */
export async function auditLogin(
  t: InUnit,
  { username, clientAddress, clientId, person }: AdmittedAttempt,
  decision: AcceptedLogin | RefusedLogin,
  before: SignedIn | undefined,
): Promise<void> {
  const fields = { username: username.slice(0, LONGEST_NAME), address: clientAddress }
  const event = { subjectId: person?.id, clientId, personal: { subjectId: person?.id, fields } }
  if (!decision.signedIn) {
    await t.audit({ ...event, type: 'login.refused', outcome: 'refused', reason: decision.reason })
    return
  }
  const { session, subject } = decision.signedIn
  const actor = { kind: 'subject', id: subject.id } as const
  await t.audit({
    ...event,
    type: 'login.succeeded',
    outcome: 'allowed',
    actor,
    detail: { session: session.id, acr: session.acr },
  })
  if (before) await auditSessionEnd(t, before, 'another login')
}

/** Tells of the end of a session. */
export async function auditSessionEnd(t: InUnit, { session, subject }: SignedIn, reason: string): Promise<void> {
  await t.audit({
    type: 'session.ended',
    outcome: 'changed',
    actor: { kind: 'subject', id: subject.id },
    subjectId: subject.id,
    reason,
    detail: { session: session.id },
  })
}
