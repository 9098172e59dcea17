import { err, type Result } from '@permitry/oauth'
import { closeAdminScopes, heldAdminScopes } from '../access/admin-api.ts'
import { inUnit, type InUnit } from '../store/in-tenant.ts'
import type { Store } from '../store/store.ts'
import type { Actor } from './allowed.ts'
import type { Command, CommandContext, Outcome } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { checkAfter, lookBefore } from './power.ts'

/** Where and by whom commands are run. */
export interface Operator {
  readonly store: Store
  readonly tenant: string
  readonly actor: Actor
  readonly now: () => number
}

/** Runs one command as a unit of its own. */
export function runCommand<Input>(
  operator: Operator,
  command: Command<Input>,
  input: Input,
): Promise<Result<Outcome, CommandFailure>> {
  return commandUnit(operator, (context) => command(context, input))
}

/** Runs several commands as one unit: all of them happen, or, after a failure, none. */
export async function commandUnit<T>(
  { store, tenant, actor, now }: Operator,
  work: (context: CommandContext) => Promise<Result<T, CommandFailure>>,
): Promise<Result<T, CommandFailure>> {
  try {
    return await store.unit(async (tx) => {
      const at = now()
      const t = inUnit(tx, tenant, () => at)
      const { kind, id } = actor
      const audit: CommandContext['audit'] = (event) => t.audit({ ...event, actor: { kind, id }, outcome: 'changed' })
      const context = { t, actor: await asOfNow(t, actor), now: at, audit }
      const before = actor.kind === 'client' ? undefined : await lookBefore(t, context.actor)
      const done = await work(context)
      const failure = done.ok && before ? await checkAfter(t, context.actor, before) : undefined
      if (failure) throw new Refused(failure)
      // Thrown and not returned, because a unit is undone by what it throws.
      if (!done.ok) throw new Refused(done.error)
      return done
    })
  } catch (error) {
    if (error instanceof Refused) return err(error.failure)
    throw error
  }
}

/** A token says what somebody could do at its mint. Behind the lock nobody can lose more until the unit ends. */
async function asOfNow(t: InUnit, actor: Actor): Promise<Actor> {
  // Whoever removes an owner must see whether another one was removed meanwhile.
  await t.tenants.lock()
  if (actor.kind !== 'subject') return actor
  const held = await heldAdminScopes(t, actor.id)
  const brought = closeAdminScopes(actor.scopes)
  return { ...actor, scopes: held.filter((scope) => brought.includes(scope)) }
}

class Refused extends Error {
  readonly failure: CommandFailure

  constructor(failure: CommandFailure) {
    super(`command refused: ${failure.reason}`)
    this.failure = failure
  }
}
