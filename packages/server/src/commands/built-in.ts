import { err, ok } from '@permitry/oauth'
import { ADMIN_IDENTIFIER, ADMIN_SERVER, isReserved } from '../access/admin-api.ts'
import { ADMIN_API, ADMIN_ROLES } from '../access/built-in.ts'
import { inTenant, type InTenant } from '../store/in-tenant.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { canonical } from './canonical.ts'
import { changesBetween } from './changes.ts'
import { type CommandContext, defineCommand } from './command.ts'
import { type CommandFailure, describeFailure } from './failure.ts'
import { type Operator, runCommand } from './run.ts'

/**
 * Brings what is built in into a tenant, as this version of Permitry defines it: the admin API with its scopes, the admin
 * roles, and, where the issuer is known, the client of the console. Who holds a role stays.
 */
const ensureBuiltIn = defineCommand<{ readonly consoleClient?: ClientDefinition }>(
  'built-in.ensure',
  async (context, { consoleClient }) => {
    const failure = await checkReserved(context.t)
    if (failure) return err(failure)
    const changed = await putBuiltIn(context, consoleClient)
    return ok(changed.length === 0 ? 'unchanged' : { type: 'tenant.changed', detail: { built_in: changed } })
  },
)

/** Runs `ensureBuiltIn` where something differs: nearly always a start finds nothing to do, and then needs no unit. */
export async function completeBuiltIn(operator: Operator, consoleClient?: ClientDefinition): Promise<void> {
  const { store, tenant } = operator
  const differing = await store.read((db) => missing(inTenant(db, tenant), consoleClient))
  if (differing.length === 0) return
  const done = await runCommand(operator, ensureBuiltIn, consoleClient ? { consoleClient } : {})
  if (!done.ok) throw new Error(`what is built in could not be made: ${describeFailure(done.error)}`)
}

/** Puts what differs, and names it. */
export async function putBuiltIn({ t, now }: CommandContext, consoleClient?: ClientDefinition): Promise<string[]> {
  const differing = await missing(t, consoleClient)
  for (const { put } of differing) await put(now)
  return differing.map(({ id }) => id)
}

interface Missing {
  readonly id: string
  readonly put: (now: number) => Promise<void>
}

async function missing(t: InTenant, consoleClient: ClientDefinition | undefined): Promise<Missing[]> {
  const found: Missing[] = []
  const compare = (id: string, before: object | undefined, after: object, put: Missing['put']) =>
    changesBetween(before, after).length > 0 && found.push({ id, put })
  const server = canonical(ADMIN_API)
  const version = (await t.serverDefinitions.catalogueVersion(server.id)) + 1
  compare(server.id, await t.serverDefinitions.find(server.id), server, () => t.serverDefinitions.put(server, version))
  for (const role of ADMIN_ROLES) compare(role.id, await t.roles.find(role.id), role, () => t.roles.put(role))
  if (consoleClient) {
    const before = await t.clientDefinitions.find(consoleClient.id)
    compare(consoleClient.id, before, consoleClient, (now) => t.clientDefinitions.put(consoleClient, now))
  }
  return found
}

/** What an operator made under such an id, before it was reserved, must not come to power by its name. */
async function checkReserved(t: InTenant): Promise<CommandFailure | undefined> {
  const server = await t.serverDefinitions.find(ADMIN_SERVER)
  if (server?.identifier === ADMIN_IDENTIFIER) return undefined
  const others = [...(await t.roles.all()), ...(await t.clientDefinitions.all())]
  const taken = server ?? others.find(({ id }) => isReserved(id))
  if (!taken && (await t.serverDefinitions.ownerOfName(ADMIN_IDENTIFIER)) === undefined) return undefined
  return {
    reason: 'invalid',
    message: `\`${taken?.id ?? ADMIN_IDENTIFIER}\` is a name that Permitry itself needs now: give what has it another one, with the version of before`,
  }
}
