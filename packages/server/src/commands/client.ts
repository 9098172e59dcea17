import { checkRegisteredRedirectUri, err, ok } from '@permitry/oauth'
import { isReserved } from '../access/admin-api.ts'
import { parseClientKeys } from '../keys/client-keys.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { canonical } from './canonical.ts'
import { changeDetail, changesBetween } from './changes.ts'
import { type Command, defineCommand } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { checkHandsOut } from './power.ts'
import { checkOwnId, checkRoles, checkScopes } from './references.ts'
import { revokeTokens } from './revoke.ts'

/** Registers a client, or replaces its registration. When it may ask for less than before, its living tokens are revoked. */
export const putClient = defineCommand<ClientDefinition>('client.put', async (context, input) => {
  const { t, now } = context
  const client = canonical(input)
  const failure =
    checkOwnId('client', client.id) ??
    checkDefinition(client) ??
    (await checkScopes(t, client.servers)) ??
    (await checkAgent(t, client))
  if (failure) return err(failure)
  const before = await t.clientDefinitions.find(client.id)
  const handsOut = checkHandsOut(context.actor, before?.agent?.roles, client.agent?.roles)
  if (handsOut) return err(handsOut)
  const known = before ?? (await t.clients.find(client.id))
  if (known && !before)
    return err({ reason: 'invalid', message: `the client \`${client.id}\` registered itself: choose another id` })
  const changes = changesBetween(before, client)
  if (before && changes.length === 0) return ok('unchanged')
  if (before && (mayAskLess(before, client) || isLessTrusted(before, client)))
    await revokeTokens(context, [{ clientId: client.id }])
  await t.clientDefinitions.put(client, now)
  return ok({
    type: 'client.changed',
    clientId: client.id,
    detail: { change: before ? 'updated' : 'created', ...changeDetail(changes, isSecret) },
  })
})

/** Registers a client under an id that nobody has: what came by hand must not replace another one. */
export const addClient: Command<ClientDefinition> = async (context, client) => {
  await context.t.tenants.lock()
  if (await context.t.clients.find(client.id)) return err({ reason: 'taken', what: 'client id', name: client.id })
  return putClient(context, client)
}

/** Removes a client with everything that people granted to it. */
export const removeClient = defineCommand<{ readonly id: string }>('client.remove', async (context, { id }) => {
  const { t } = context
  const failure = checkOwnId('client', id)
  if (failure) return err(failure)
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  const before = await t.clientDefinitions.find(id)
  await revokeTokens(context, [{ clientId: id }])
  await t.clientDefinitions.remove(id)
  await t.declarations.remove({ kind: 'client', id })
  return ok({
    type: 'client.changed',
    clientId: id,
    detail: { change: 'removed', ...changeDetail(changesBetween(before, undefined), isSecret) },
  })
})

/** Stops a client: it gets no new token and its living ones are revoked. Grants stay for the day of `resume`. */
export const suspendClient = defineCommand<{ readonly id: string }>('client.suspend', async (context, { id }) => {
  const { t, now } = context
  const failure = checkOwnId('client', id)
  if (failure) return err(failure)
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  if (!(await t.clientDefinitions.setStatus(id, 'suspended', now))) return ok('unchanged')
  await revokeTokens(context, [{ clientId: id }])
  return ok({ type: 'client.suspended', clientId: id })
})

/** Lets a suspended client work again. */
export const resumeClient = defineCommand<{ readonly id: string }>('client.resume', async ({ t, now }, { id }) => {
  const failure = checkOwnId('client', id)
  if (failure) return err(failure)
  if (!(await t.clients.find(id))) return err({ reason: 'unknown', kind: 'client', id })
  if (!(await t.clientDefinitions.setStatus(id, 'active', now))) return ok('unchanged')
  return ok({ type: 'client.resumed', clientId: id })
})

/** A hash is no secret, and still nothing that the chain should keep for good. */
const isSecret = (field: string): boolean => field === 'secretHash'

function checkDefinition(client: ClientDefinition): CommandFailure | undefined {
  for (const uri of [...client.redirectUris, ...client.postLogoutRedirectUris]) {
    const problem = checkRegisteredRedirectUri(uri, client.applicationType)
    if (problem !== undefined) return { reason: 'invalid', message: `\`${uri}\` cannot be registered: ${problem}` }
  }
  const invalid = (message: string): CommandFailure => ({ reason: 'invalid', message })
  const isConfidential = client.authMethod !== 'none'
  const hasSecret = client.authMethod.startsWith('client_secret_')
  if (hasSecret !== (client.secretHash !== null))
    return invalid('a client has a secret exactly when it authenticates with one: give both or neither')
  const keySources = [client.jwks, client.jwksUri].filter((source) => source !== null)
  if (keySources.length !== (client.authMethod === 'private_key_jwt' ? 1 : 0))
    return invalid(
      'a client has `jwks` or `jwks_uri` exactly when it authenticates by private_key_jwt: give one of them',
    )
  const keys = client.jwks === null ? undefined : parseClientKeys(client.jwks)
  if (keys?.ok === false) return invalid(`the keys cannot be registered: ${keys.error}`)
  const actsForItself = client.grantTypes.includes('client_credentials')
  if (actsForItself !== (client.agent !== null))
    return invalid('a client is an agent exactly with `client_credentials`')
  if (!isConfidential && (actsForItself || client.guards.length > 0))
    return invalid('whoever acts for itself or guards an MCP server must authenticate: choose another method than none')
  return undefined
}

/** The agent of a client has its id, and a person never has it: a token must not be taken for that of the other (RFC 9700 §4.15). */
async function checkAgent(t: InTenant, client: ClientDefinition): Promise<CommandFailure | undefined> {
  for (const id of client.guards)
    if (isReserved(id) || !(await t.serverDefinitions.find(id))) return { reason: 'unknown', kind: 'server', id }
  if (!client.agent) return undefined
  if ((await t.subjects.find(client.id))?.kind === 'person')
    return {
      reason: 'invalid',
      message: `\`${client.id}\` is a person: a client that acts for itself needs an id of its own`,
    }
  const { owner, roles } = client.agent
  if (owner !== null && (await t.subjects.find(owner))?.kind !== 'person')
    return { reason: 'unknown', kind: 'subject', id: owner }
  return checkRoles(t, roles)
}

/** Its agent is gone, lost a role, or has another owner. */
function isLessTrusted({ agent: before }: ClientDefinition, { agent: after }: ClientDefinition): boolean {
  if (!before) return false
  return !after || before.owner !== after.owner || before.roles.some((role) => !after.roles.includes(role))
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
