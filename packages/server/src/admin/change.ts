import type { OperationId } from '@permitry/admin-api'
import { err, ok, type Result } from '@permitry/oauth'
import type { Command, CommandContext } from '../commands/command.ts'
import { commandUnit, runCommand } from '../commands/run.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { AdminRequest } from './handler.ts'
import { checkPrecondition } from './precondition.ts'
import { type Refusal, refusalOf, type Target } from './refusal.ts'

interface Change<Input, Representation> {
  readonly target: Target
  readonly command: Command<Input>
  /** What the command is given; it may keep what the request does not say of what is there now. */
  readonly input: (context: CommandContext) => Promise<Input> | Input
  /** What readers of the thing are shown, and its ETag is of. */
  readonly read: (t: InTenant) => Promise<Representation | undefined>
}

/**
 * Changes one definition if it still is what the sender has read. Both are compared inside the command's unit and behind the
 * lock of the tenant, so that of two administrators who change the same version exactly one does.
 */
export async function changeDefinition<Input, Representation extends object>(
  { operator, precondition }: Pick<AdminRequest<OperationId>, 'operator' | 'precondition'>,
  { target, command, input, read }: Change<Input, Representation>,
): Promise<Result<Representation | undefined, Refusal>> {
  const done = await commandUnit<{ readonly refusal?: Refusal; readonly after?: Representation | undefined }>(
    operator,
    async (context) => {
      await context.t.tenants.lock()
      const refusal = checkPrecondition(precondition, await read(context.t))
      if (refusal) return ok({ refusal })
      const changed = await command(context, await input(context))
      return changed.ok ? ok({ after: await read(context.t) }) : changed
    },
  )
  if (!done.ok) return err(refusalOf(done.error, target))
  return done.value.refusal ? err(done.value.refusal) : ok(done.value.after)
}

/** As above for what is put: afterwards it is there. */
export async function putDefinition<Input, Representation extends object>(
  request: Pick<AdminRequest<OperationId>, 'operator' | 'precondition'>,
  change: Change<Input, Representation>,
): Promise<Result<Representation, Refusal>> {
  const done = await changeDefinition(request, change)
  if (!done.ok) return done
  if (!done.value) throw new Error(`${change.target.kind} \`${change.target.id}\` is gone in the unit that put it`)
  return ok(done.value)
}

/** Runs a command that needs no version: doing it twice is doing it once. */
export async function act<Input>(
  { operator }: Pick<AdminRequest<OperationId>, 'operator'>,
  command: Command<Input>,
  input: Input,
  target: Target,
): Promise<Result<undefined, Refusal>> {
  const done = await runCommand(operator, command, input)
  return done.ok ? ok(undefined) : err(refusalOf(done.error, target))
}

/** Looks something up, and says that it is not there when it is not. */
export async function find<Found>(
  { realm }: Pick<AdminRequest<OperationId>, 'realm'>,
  target: Target,
  read: (t: InTenant) => Promise<Found | undefined>,
): Promise<Result<Found, Refusal>> {
  const found = await realm.read(read)
  return found === undefined ? err(refusalOf({ reason: 'unknown', ...target }, target)) : ok(found)
}
