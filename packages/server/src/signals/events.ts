import type { Revocation, Revoked } from '../store/repositories/revocations.ts'

const OURS = 'urn:permitry:secevent:'

/** CAEP 1.0 §3.1: the sessions of a person have ended, and with them every token until now. */
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/** SSF 1.0 §8.1.4.1: sent because a receiver asked for it. */
export const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'

/** The events that streams carry: "refuse tokens of what `sub_id` names when their `epoch` is lower than this". */
export const EVENTS_SUPPORTED: readonly string[] = [
  SESSION_REVOKED,
  `${OURS}subject-revoked`,
  `${OURS}family-revoked`,
  `${OURS}client-revoked`,
  `${OURS}issuer-revoked`,
]

export function eventTypeOf(revoked: Revoked): string {
  if ('subjectId' in revoked) return revoked.endsSessions === true ? SESSION_REVOKED : `${OURS}subject-revoked`
  if ('familyId' in revoked) return `${OURS}family-revoked`
  return 'clientId' in revoked ? `${OURS}client-revoked` : `${OURS}issuer-revoked`
}

/** RFC 9493: what is revoked, named as tokens name it. */
type SubjectIdentifier = Readonly<Record<string, string>>

function subjectOf(issuer: string, revoked: Revoked): SubjectIdentifier {
  if ('subjectId' in revoked) return { format: 'iss_sub', iss: issuer, sub: revoked.subjectId }
  if ('familyId' in revoked) return { format: 'opaque', id: revoked.familyId }
  return 'clientId' in revoked ? { format: 'opaque', id: revoked.clientId } : { format: 'uri', uri: issuer }
}

/** What is told in one SET. */
export interface SignalEvent {
  readonly id: string
  readonly type: string
  readonly subject: SubjectIdentifier
  readonly payload: Readonly<Record<string, unknown>>
}

export function eventOf(issuer: string, { id, epoch, revoked, at }: Revocation): SignalEvent {
  const payload = { epoch, event_timestamp: Math.floor(at / 1000) }
  return { id, type: eventTypeOf(revoked), subject: subjectOf(issuer, revoked), payload }
}
