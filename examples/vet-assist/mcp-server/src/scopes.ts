/**
 * The scopes of this server and what each implies, as permitry.yaml registers them: a test compares the two. The first two guard
 * pet profiles and medical records; the others are held by every pet owner for the own pets.
 */
export const SCOPES = {
  'pet-profile:read': { implies: [] },
  'pet-profile:write': { implies: ['pet-profile:read'] },
  'appointments:read': { implies: [] },
  'appointments:write': { implies: ['appointments:read'] },
  'reminders:read': { implies: [] },
  'reminders:write': { implies: ['reminders:read'] },
  'knowledge:read': { implies: [] },
  'support:read': { implies: [] },
  'support:write': { implies: ['support:read'] },
} as const

export type Scope = keyof typeof SCOPES

/** What a client asks for first: enough to look up a pet, nothing that writes. */
export const DEFAULT_SCOPES: Scope[] = ['pet-profile:read']
