import { canonicalResource, err, ok, parseResource } from '@permitry/oauth'
import { recordChanges, snapshotOf } from '../catalogue/record.ts'
import { byName, type ServerDefinition } from '../store/repositories/server-definitions.ts'
import { canonical } from './canonical.ts'
import { changeDetail, changesBetween } from './changes.ts'
import { defineCommand, type CommandContext } from './command.ts'
import type { CommandFailure } from './failure.ts'
import type { Revoked } from '../store/repositories/revocations.ts'
import { checkOwnId } from './references.ts'
import { revokeTokens } from './revoke.ts'

/** Makes an MCP server, or replaces what is known about it. Tokens that carry a scope which is gone are refused from then on. */
export const putServer = defineCommand<ServerDefinition>('server.put', async (context, input) => {
  const { t, now } = context
  const server = canonical({ ...input, tools: input.tools.toSorted(byName) })
  const failure = checkOwnId('server', server.id) ?? checkDefinition(server) ?? (await checkNames(context, server))
  if (failure) return err(failure)
  const before = await t.serverDefinitions.find(server.id)
  const changes = changesBetween(before, server)
  if (before && changes.length === 0) return ok('unchanged')

  await revokeTokens(context, await losers(context, before, server))
  const version = await t.serverDefinitions.catalogueVersion(server.id)
  const catalogue = await snapshotOf(t, server.id)
  await t.serverDefinitions.put(server, before ? version : 1)
  if (before) await recordChanges(t, server.id, catalogue, { source: 'apply', now })
  return ok({
    type: 'server.changed',
    serverId: server.id,
    detail: { change: before ? 'updated' : 'created', ...changeDetail(changes) },
  })
})

/** Removes an MCP server with its scopes and tools; what was granted for it ends. */
export const removeServer = defineCommand<{ readonly id: string }>('server.remove', async (context, { id }) => {
  const { t, now } = context
  const failure = checkOwnId('server', id)
  if (failure) return err(failure)
  const before = await t.serverDefinitions.find(id)
  if (!before) return err({ reason: 'unknown', kind: 'server', id })
  await t.grants.endAllOfServer(id, now)
  const families = await t.families.endAll({ serverId: id }, 'server removed', now)
  await revokeTokens(context, [...families.map((familyId) => ({ familyId })), ...(await agentsAt(context, id))])
  await t.serverDefinitions.remove(id)
  await t.declarations.remove({ kind: 'server', id })
  return ok({
    type: 'server.changed',
    serverId: id,
    detail: { change: 'removed', ...changeDetail(changesBetween(before, undefined)) },
  })
})

function checkDefinition(server: ServerDefinition): CommandFailure | undefined {
  const invalid = (message: string): CommandFailure => ({ reason: 'invalid', message })
  const keys = new Set<string>()
  for (const name of [server.identifier, ...server.urls]) {
    const parsed = parseResource(name)
    if (!parsed.ok) return invalid(`\`${name}\` cannot name a server: ${parsed.error}`)
    if (keys.has(canonicalResource(name))) return invalid(`\`${name}\` names the server twice: leave one out`)
    keys.add(canonicalResource(name))
  }
  const names = server.scopes.map(({ name }) => name)
  const defined = new Set(names)
  if (defined.size < names.length) return invalid(`a scope of \`${server.id}\` is defined twice: keep one`)
  const used = [
    ...(server.dynamicClientScopes === 'all' ? [] : server.dynamicClientScopes),
    ...server.scopes.flatMap(({ implies }) => implies),
    ...server.tools.flatMap(({ scopes }) => scopes),
  ]
  const missing = used.find((name) => !defined.has(name))
  return missing === undefined ? undefined : { reason: 'unknown', kind: 'scope', id: missing }
}

async function checkNames({ t }: CommandContext, server: ServerDefinition): Promise<CommandFailure | undefined> {
  for (const name of [server.identifier, ...server.urls]) {
    const owner = await t.serverDefinitions.ownerOfName(name)
    if (owner !== undefined && owner !== server.id) return { reason: 'taken', what: 'server name', name }
  }
  return undefined
}

/** The families and agents that may hold a token with a scope that is going. */
async function losers(
  context: CommandContext,
  before: ServerDefinition | undefined,
  after: ServerDefinition,
): Promise<Revoked[]> {
  const kept = new Set(after.scopes.map(({ name }) => name))
  if (!before || before.scopes.every(({ name }) => kept.has(name))) return []
  const families = await context.t.families.allLiving({ serverId: after.id }, context.now)
  const losing = families.filter(({ scopes }) => scopes.some((scope) => !kept.has(scope)))
  return [...losing.map(({ id }) => ({ familyId: id })), ...(await agentsAt(context, after.id))]
}

/** The clients that act for themselves at an MCP server: their tokens belong to no family. */
async function agentsAt({ t }: CommandContext, serverId: string): Promise<Revoked[]> {
  const clients = await t.clientDefinitions.all()
  return clients.filter(({ agent, servers }) => agent && serverId in servers).map(({ id }) => ({ subjectId: id }))
}
