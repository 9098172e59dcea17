import { ADMIN_SERVER, type AdminScope, closeAdminScopes, OWNER_ROLE } from '../access/admin-api.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Power } from '../store/repositories/powers.ts'
import { type Actor, holds } from './allowed.ts'
import { canonical } from './canonical.ts'
import type { CommandFailure } from './failure.ts'

/** What a unit did not find changed, and must not leave changed by whoever may not. */
export interface Before {
  readonly powers: ReadonlyMap<string, Power> | undefined
  readonly hadOwner: boolean
}

/** Looks at who has power before a unit changes anything. Operators at the machine hold everything, so for them nothing is compared. */
export async function lookBefore(t: InTenant, actor: Actor): Promise<Before> {
  const powers = actor.kind === 'subject' ? await t.powers.at(ADMIN_SERVER) : undefined
  return { powers, hadOwner: await hasOwner(t) }
}

/**
 * Nobody grants what he does not hold, and nobody acts on somebody who has more; the last owner stays. Asked when a unit is
 * done, of what it did and not of what it was told to do, so that no command can forget a way to power: a role, a group, an
 * agent, a client, a password, a session.
 */
export async function checkAfter(t: InTenant, actor: Actor, before: Before): Promise<CommandFailure | undefined> {
  if (actor.kind === 'subject' && before.powers) {
    const needed = scopesTouched(before.powers, await t.powers.at(ADMIN_SERVER), actor.id)
    const scopes = needed.filter((scope) => !actor.scopes.includes(scope))
    if (scopes.length > 0) return { reason: 'not_held', scopes }
  }
  return before.hadOwner && !(await hasOwner(t)) ? { reason: 'last_owner' } : undefined
}

/** Roles are handed out by whoever may decide on roles, whatever command they travel in. */
export function checkHandsOut(
  actor: Actor,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): CommandFailure | undefined {
  const isSame = canonical([...(before ?? [])]).join() === canonical([...(after ?? [])]).join()
  return isSame || holds(actor, 'roles:write') ? undefined : { reason: 'not_held', scopes: ['roles:write'] }
}

/** Whether a person who is not kept out holds the role of an owner. */
export async function hasOwner(t: InTenant): Promise<boolean> {
  for (const id of await t.roles.holders([OWNER_ROLE])) {
    const subject = await t.subjects.find(id)
    if (subject?.kind === 'person' && subject.status === 'active') return true
  }
  return false
}

/** All admin scopes of everybody and everything that differs; of oneself only those that are new. */
function scopesTouched(
  before: ReadonlyMap<string, Power>,
  after: ReadonlyMap<string, Power>,
  actorId: string,
): readonly AdminScope[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  const touched = [...keys].flatMap((key) => {
    const [old, young] = [before.get(key), after.get(key)]
    if (old && young && old.state === young.state && old.scopes.join() === young.scopes.join()) return []
    const own = key === `subject ${actorId}` ? (old?.scopes ?? []) : []
    return [...(old?.scopes ?? []), ...(young?.scopes ?? [])].filter((scope) => !own.includes(scope))
  })
  return closeAdminScopes(touched)
}
