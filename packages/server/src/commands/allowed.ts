import type { AdminScope } from '../access/admin-api.ts'

/** Who runs a command. A person brings the admin scopes that the token carries; what counts is what the roles hold too, now. */
export type Actor =
  | { readonly kind: 'cli' | 'system' | 'client'; readonly id: string }
  | { readonly kind: 'subject'; readonly id: string; readonly scopes: readonly AdminScope[] }

/**
 * What a client that registered itself does to itself, and to nothing else (RFC 7591, RFC 7592); and what a guard says of the
 * MCP servers that it guards, which its endpoint holds it to.
 */
const OF_CLIENTS: ReadonlySet<string> = new Set([
  'registration.add',
  'registration.replace',
  'registration.remove',
  'catalogue.publish',
])

/** The admin scope that each action of a person needs. What stands nowhere here no person may do. */
const OF_PEOPLE: ReadonlyMap<string, AdminScope> = new Map([
  ['server.put', 'servers:write'],
  ['server.remove', 'servers:write'],
  ['catalogue.publish', 'servers:write'],
  ['role.put', 'roles:write'],
  ['role.remove', 'roles:write'],
  ['role.assign', 'roles:write'],
  ['role.unassign', 'roles:write'],
  ['group.put', 'roles:write'],
  ['group.remove', 'roles:write'],
  ['subject.put', 'people:write'],
  ['subject.remove', 'people:write'],
  ['subject.erase', 'people:write'],
  ['subject.suspend', 'people:write'],
  ['subject.resume', 'people:write'],
  ['subject.set-password', 'people:write'],
  ['client.put', 'clients:write'],
  ['client.remove', 'clients:write'],
  ['client.suspend', 'clients:write'],
  ['client.resume', 'clients:write'],
  ['grant.withdraw', 'grants:write'],
  ['family.end', 'grants:write'],
  ['session.end', 'grants:write'],
  ['key.rotate', 'system:write'],
  ['key.revoke', 'system:write'],
  ['tenant.name', 'system:write'],
])

/** Actions of people on what is their own (own.ts). They take no id of a person, so they need no scope. */
const OWN = 'own.'

/**
 * Whether an actor may do such a thing at all; whom it may be done to, power.ts says. Operators at the machine hold everything;
 * a client may change what it said of itself, which the command holds it to.
 */
export function isAllowed(actor: Actor, action: string): boolean {
  switch (actor.kind) {
    case 'cli':
    case 'system':
      return true
    case 'client':
      return OF_CLIENTS.has(action)
    case 'subject':
      return action.startsWith(OWN) || holds(actor, OF_PEOPLE.get(action))
  }
}

/** Whether an actor has an admin scope; for what needs more than its action says. */
export function holds(actor: Actor, scope: AdminScope | undefined): boolean {
  if (actor.kind !== 'subject') return actor.kind !== 'client'
  return scope !== undefined && actor.scopes.includes(scope)
}
