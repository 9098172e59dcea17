import { err, ok, type Result } from '@permitry/oauth'
import type { Config } from '../../config/schema.ts'
import { hashPassword } from '../../login/password.ts'
import { inTenant, type InTenant } from '../../store/in-tenant.ts'
import type { Declaration } from '../../store/repositories/declarations.ts'
import { putClient, removeClient } from '../client.ts'
import type { Command, CommandContext } from '../command.ts'
import type { CommandFailure } from '../failure.ts'
import { putGroup, removeGroup } from '../group.ts'
import { putRole, removeRole } from '../role.ts'
import { commandUnit, type Operator } from '../run.ts'
import { putServer, removeServer } from '../server.ts'
import { putSubject, removeSubject, setPassword } from '../subject.ts'
import { nameTenant } from '../tenant.ts'
import { currentDefinitions, desiredDefinitions, type Definitions } from './desired.ts'
import { planChanges, type Change, type Plan } from './plan.ts'

/** A declared state, and whether what vanished from it is removed. */
export interface ApplyRequest {
  readonly config: Config
  readonly prune: boolean
}

/** What applying would do, without doing it. */
export function planApply({ store, tenant }: Operator, request: ApplyRequest): Promise<Plan> {
  return store.read((db) => makePlan(inTenant(db, tenant), desiredDefinitions(request.config, tenant), request.prune))
}

/** As `planApply`, for a database that does not exist yet. */
export function planFirstApply(tenant: string, { config, prune }: ApplyRequest): Plan {
  const made = { tenant: [{ id: tenant, name: '' }], server: [], role: [], group: [], user: [], client: [] }
  return planChanges(desiredDefinitions(config, tenant), made, [], prune)
}

/**
 * Brings the declared state into the database, all of it or nothing. `shown` is the plan that somebody agreed to: when the
 * database has changed since, nothing is applied.
 */
export async function apply(
  operator: Operator,
  { config, prune }: ApplyRequest,
  shown: Plan,
): Promise<Result<Plan, CommandFailure>> {
  const desired = desiredDefinitions(config, operator.tenant)
  // A unit must not wait for Argon2, so the hashes are made before it.
  const hashes = await hashPasswords(config, shown)
  return commandUnit(operator, async (context) => {
    if (!(await context.t.tenants.lock())) return err({ reason: 'unknown', kind: 'tenant', id: operator.tenant })
    const plan = await makePlan(context.t, desired, prune)
    if (JSON.stringify(plan) !== JSON.stringify(shown)) return err({ reason: 'changed_meanwhile' })
    if (plan.changes.length === 0) return ok(plan)
    await releaseNames(context.t, plan)
    for (const change of plan.changes) {
      const failure = await execute(context, change, desired, hashes)
      if (failure) return err(failure)
    }
    await context.audit({ type: 'configuration.applied', detail: countActions(plan) })
    return ok(plan)
  })
}

async function makePlan(t: InTenant, desired: Definitions, prune: boolean): Promise<Plan> {
  return planChanges(desired, await currentDefinitions(t), await t.declarations.all(), prune)
}

/** Passwords are set once, for people who have none; afterwards they belong to the person. */
async function hashPasswords({ users }: Config, { changes }: Plan): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  for (const { kind, id, fields } of changes) {
    const isWanted = kind === 'user' && fields.some(({ field, after }) => field === 'hasPassword' && after === true)
    const user = isWanted ? users.find((one) => one.id === id) : undefined
    if (user?.password_hash !== undefined) hashes.set(id, user.password_hash)
    else if (user?.password !== undefined) hashes.set(id, await hashPassword(user.password))
  }
  return hashes
}

/** Names are unique, and one run may hand them around: a server takes the address that another one gives up. */
async function releaseNames(t: InTenant, { changes }: Plan): Promise<void> {
  for (const { kind, id, action, fields } of changes) {
    const changesName = (name: string) => action === 'update' && fields.some(({ field }) => field === name)
    if (kind === 'server' && (changesName('urls') || changesName('identifier')))
      await t.serverDefinitions.releaseNames(id)
    if (kind === 'user' && changesName('username')) await t.subjectDefinitions.releaseUsername(id)
  }
}

async function execute(
  context: CommandContext,
  { kind, id, action }: Change,
  desired: Definitions,
  hashes: ReadonlyMap<string, string>,
): Promise<CommandFailure | undefined> {
  const run = async <Input>(command: Command<Input>, input: Input | undefined) => {
    if (input === undefined) throw new Error(`the plan names ${kind} \`${id}\`, which the file does not define`)
    const done = await command(context, input)
    return done.ok ? undefined : done.error
  }
  const wanted = <D extends { readonly id: string }>(entries: readonly D[]) => entries.find((entry) => entry.id === id)
  if (kind === 'tenant') return run(nameTenant, wanted(desired.tenant))
  if (action === 'delete') return run(REMOVALS[kind], { id })
  if (action === 'create') await context.t.declarations.add({ kind, id })
  switch (kind) {
    case 'server':
      return run(putServer, wanted(desired.server))
    case 'role':
      return run(putRole, wanted(desired.role))
    case 'group':
      return run(putGroup, wanted(desired.group))
    case 'client':
      return run(putClient, wanted(desired.client))
    case 'user': {
      const passwordHash = hashes.get(id)
      const failure = await run(putSubject, wanted(desired.user))
      return failure ?? (passwordHash === undefined ? undefined : run(setPassword, { id, passwordHash }))
    }
  }
}

const REMOVALS: Readonly<Record<Declaration['kind'], Command<{ readonly id: string }>>> = {
  server: removeServer,
  role: removeRole,
  group: removeGroup,
  user: removeSubject,
  client: removeClient,
}

function countActions({ changes }: Plan): Record<Change['action'], number> {
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length
  return { create: count('create'), update: count('update'), delete: count('delete') }
}
