import { err, ok, type Result } from '@permitry/oauth'
import type { AuditEvent } from '../audit/event.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { type Actor, isAllowed } from './allowed.ts'
import type { CommandFailure } from './failure.ts'

/** What a command says about its change in the audit; tenant, time and actor are the context's to add. */
export type CommandEvent = Omit<AuditEvent, 'tenant' | 'at' | 'actor' | 'outcome'>

/** One unit of work, bound to one tenant and one actor. */
export interface CommandContext {
  readonly t: InTenant
  readonly actor: Actor
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Writes the audit row of a change in the same unit. */
  readonly audit: (event: CommandEvent) => Promise<void>
}

/** Whether a command had anything to do: doing a thing twice is no failure. */
export type Outcome = 'changed' | 'unchanged'

/**
 * The one way in which state that operators own is changed: validate, authorize, write, audit, signal, all inside one unit.
 * A failure undoes the unit.
 */
export type Command<Input> = (context: CommandContext, input: Input) => Promise<Result<Outcome, CommandFailure>>

/**
 * Makes a command. What every command must do stands here and cannot be forgotten: the actor may do it, changes of one
 * tenant happen one after the other, and a change has its audit row. `work` returns the row, or that nothing changed.
 */
export function defineCommand<Input>(
  action: string,
  work: (context: CommandContext, input: Input) => Promise<Result<CommandEvent | 'unchanged', CommandFailure>>,
): Command<Input> {
  return async (context, input) => {
    if (!isAllowed(context.actor, action)) return err({ reason: 'forbidden', action })
    // INVARIANT (first lock): who holds which role cannot change between reading it here and revoking what followed from it.
    if (!(await context.t.tenants.lock())) return err({ reason: 'unknown', kind: 'tenant', id: context.t.tenant })
    const done = await work(context, input)
    if (!done.ok) return done
    if (done.value === 'unchanged') return ok('unchanged')
    await context.audit(done.value)
    return ok('changed')
  }
}
