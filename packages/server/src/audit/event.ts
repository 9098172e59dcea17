/** What can happen. A closed list: the reader of an audit file must be able to know every word in it. */
export type AuditType =
  | 'login.succeeded'
  | 'login.refused'
  | 'session.ended'
  | 'registration.refused'
  | 'authorization.refused'
  | 'consent.granted'
  | 'consent.refused'
  | 'grant.narrowed'
  | 'grant.withdrawn'
  | 'token.minted'
  | 'token.refused'
  | 'token.replayed'
  | 'token.revoked'
  | 'family.ended'
  | 'tenant.created'
  | 'tenant.changed'
  | 'subject.changed'
  | 'subject.suspended'
  | 'subject.resumed'
  | 'subject.erased'
  | 'password.changed'
  | 'group.changed'
  | 'role.changed'
  | 'role.assigned'
  | 'role.removed'
  | 'client.changed'
  | 'client.suspended'
  | 'client.resumed'
  | 'server.changed'
  | 'catalogue.changed'
  | 'call.allowed'
  | 'call.refused'
  | 'guard.counted'
  | 'key.created'
  | 'key.revoked'
  | 'signals.refused'
  | 'configuration.applied'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Who did it. `system` is Permitry itself, `cli` an operator at the machine. */
export interface AuditActor {
  readonly kind: 'subject' | 'client' | 'system' | 'cli'
  readonly id: string
}

/**
 * What tells something about a living person: typed user name, address, user agent. The chain holds only commitments to it
 * (personal.ts), and the clear text goes when the person is erased.
 */
export interface PersonalData {
  /** Whose data it is; undefined when nobody is known, as after a login under an unknown name. */
  readonly subjectId: string | undefined
  readonly fields: Readonly<Record<string, string>>
}

/** One thing that happened. Everything outside `personal` stays for good, so it names people by their subject id only. */
export interface AuditEvent {
  readonly tenant: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly type: AuditType
  readonly outcome: 'allowed' | 'refused' | 'changed'
  readonly actor?: AuditActor | undefined
  readonly subjectId?: string | undefined
  readonly clientId?: string | undefined
  readonly serverId?: string | undefined
  readonly familyId?: string | undefined
  readonly reason?: string | undefined
  readonly detail?: { readonly [name: string]: Json } | undefined
  readonly personal?: PersonalData | undefined
}
