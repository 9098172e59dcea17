import { checkRegisteredRedirectUri, err, ok } from '@permitry/oauth'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { canonical } from './canonical.ts'
import { changesBetween } from './changes.ts'
import { defineCommand } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { checkScopes } from './references.ts'
import { revokeTokens } from './revoke.ts'

/** Registers a client, or replaces its registration. When it may ask for less than before, its living tokens are revoked. */
export const putClient = defineCommand<ClientDefinition>('client.put', async (context, input) => {
  const { t, now } = context
  const client = canonical(input)
  const failure = checkDefinition(client) ?? (await checkScopes(t, client.servers))
  if (failure) return err(failure)
  const before = await t.clientDefinitions.find(client.id)
  const known = before ?? (await t.clients.find(client.id))
  if (known && !before)
    return err({ reason: 'invalid', message: `the client \`${client.id}\` registered itself: choose another id` })
  const changes = changesBetween(before, client)
  if (before && changes.length === 0) return ok('unchanged')
  if (before && mayAskLess(before, client)) await revokeTokens(context, [{ clientId: client.id }])
  await t.clientDefinitions.put(client, now)
  return ok({
    type: 'client.changed',
    clientId: client.id,
    detail: { change: before ? 'updated' : 'created', fields: changes.map(({ field }) => field) },
  })
})

/** Removes a client with everything that people granted to it. */
export const removeClient = defineCommand<{ readonly id: string }>('client.remove', async (context, { id }) => {
  const { t } = context
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  await revokeTokens(context, [{ clientId: id }])
  await t.clientDefinitions.remove(id)
  await t.declarations.remove({ kind: 'client', id })
  return ok({ type: 'client.changed', clientId: id, detail: { change: 'removed' } })
})

/** Stops a client: it gets no new token and its living ones are revoked. Grants stay for the day of `resume`. */
export const suspendClient = defineCommand<{ readonly id: string }>('client.suspend', async (context, { id }) => {
  const { t, now } = context
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  if (!(await t.clientDefinitions.setStatus(id, 'suspended', now))) return ok('unchanged')
  await revokeTokens(context, [{ clientId: id }])
  return ok({ type: 'client.suspended', clientId: id })
})

/** Lets a suspended client work again. */
export const resumeClient = defineCommand<{ readonly id: string }>('client.resume', async ({ t, now }, { id }) => {
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  if (!(await t.clientDefinitions.setStatus(id, 'active', now))) return ok('unchanged')
  return ok({ type: 'client.resumed', clientId: id })
})

function checkDefinition(client: ClientDefinition): CommandFailure | undefined {
  for (const uri of [...client.redirectUris, ...client.postLogoutRedirectUris]) {
    const problem = checkRegisteredRedirectUri(uri, client.applicationType)
    if (problem !== undefined) return { reason: 'invalid', message: `\`${uri}\` cannot be registered: ${problem}` }
  }
  if ((client.authMethod === 'none') !== (client.secretHash === null))
    return {
      reason: 'invalid',
      message: 'a client has a secret exactly when it authenticates with one: give both or neither',
    }
  return undefined
}

/** `all` means the scopes of today and of tomorrow, so any list is less than it. */
function mayAskLess(before: ClientDefinition, after: ClientDefinition): boolean {
  return Object.entries(before.servers).some(([serverId, scopes]) => {
    const kept = after.servers[serverId]
    if (kept === undefined) return true
    if (kept === 'all') return false
    return scopes === 'all' || scopes.some((scope) => !kept.includes(scope))
  })
}
