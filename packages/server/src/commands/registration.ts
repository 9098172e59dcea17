import { err, ok } from '@permitry/oauth'
import { digestOfParty } from '../authorize/client-fingerprint.ts'
import type { DynamicClient } from '../store/repositories/dynamic-clients.ts'
import type { NewRegistration } from '../store/repositories/registrations.ts'
import { canonical } from './canonical.ts'
import { changesBetween } from './changes.ts'
import { type CommandContext, defineCommand } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { revokeTokens } from './revoke.ts'

/** Clients that were registered and never used, in one tenant. A day forgets them; a flood must not fill the disk before. */
const MOST_UNUSED = 10_000

/** Registers a client that asked for it itself. Unchanged when it shares one that is there already. */
export const registerClient = defineCommand<NewRegistration & { readonly address: string }>(
  'registration.add',
  async ({ t, actor, now }, { address, ...registration }) => {
    const { id } = registration.client
    if (actor.id !== id) return err({ reason: 'forbidden', action: 'registration.add' })
    if (!(await t.registrations.add(registration, now))) return ok('unchanged')
    if (!(await t.registrations.hasRoom(MOST_UNUSED, now))) return err({ reason: 'full' })
    return ok({
      type: 'client.changed',
      clientId: id,
      detail: { change: 'registered itself', shared: registration.sharedKey !== null },
      personal: { subjectId: undefined, fields: { address } },
    })
  },
)

/** A change that a client makes to itself; `managementHash` is of the token that it showed. */
interface Own {
  readonly managementHash: string | null
}

/** Replaces what a client said of itself (RFC 7592 §2.2). */
export const replaceRegistration = defineCommand<Own & { readonly client: DynamicClient }>(
  'registration.replace',
  async (context, { client, managementHash }) => {
    const { t, now } = context
    const before = await findOwn(context, client.id, managementHash)
    if (!before) return err(unknown(client.id))
    // What was registered stands in `metadata` once more, word for word.
    const { metadata: _, ...facts } = client
    const { metadata: __, ...factsBefore } = before
    const changes = changesBetween(canonical(factsBefore), canonical(facts))
    await t.registrations.replace(client, now)
    if (changes.length === 0) return ok('unchanged')
    // A stolen management token must not turn consents into tokens for the thief.
    if (digestOfParty(before) !== digestOfParty(client)) await endConsents(context, client.id)
    else if (mayAskLess(before, client)) await revokeTokens(context, [{ clientId: client.id }])
    return ok({
      type: 'client.changed',
      clientId: client.id,
      detail: { change: 'replaced by itself', fields: changes.map(({ field }) => field) },
    })
  },
)

/** Removes a client that asks for it, with everything that people granted to it (RFC 7592 §2.3). */
export const deregisterClient = defineCommand<Own & { readonly id: string }>(
  'registration.remove',
  async (context, { id, managementHash }) => {
    if (!(await findOwn(context, id, managementHash))) return err(unknown(id))
    await revokeTokens(context, [{ clientId: id }])
    await context.t.registrations.remove(id)
    return ok({ type: 'client.changed', clientId: id, detail: { change: 'removed by itself' } })
  },
)

/** The client, if it is the one that acts, with the token that it showed a moment ago. */
async function findOwn(
  { t, actor }: CommandContext,
  id: string,
  managementHash: string | null,
): Promise<DynamicClient | undefined> {
  const registered = actor.id === id ? await t.registrations.find(id) : undefined
  if (!registered?.active || registered.managementHash === null) return undefined
  return registered.managementHash === managementHash ? registered.client : undefined
}

function unknown(id: string): CommandFailure {
  return { reason: 'unknown', kind: 'client', id }
}

/** Null means all scopes of today and of tomorrow, so any list is less than it. */
function mayAskLess(before: DynamicClient, after: DynamicClient): boolean {
  if (before.grantTypes.some((type) => !after.grantTypes.includes(type))) return true
  if (after.scopes === null) return false
  const kept = after.scopes
  return before.scopes === null || before.scopes.some((scope) => !kept.includes(scope))
}

async function endConsents(context: CommandContext, clientId: string): Promise<void> {
  const { t, now } = context
  for (const grantId of await t.grants.endAllOfClient(clientId, now))
    await t.families.endAll({ grantId }, 'registration changed', now)
  await revokeTokens(context, [{ clientId }])
}
