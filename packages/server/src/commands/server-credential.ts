import { err, ok, type Result } from '@permitry/oauth'
import type { JWK } from 'jose'
import { inTenant } from '../store/in-tenant.ts'
import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import { addClient, putClient } from './client.ts'
import type { Command, CommandContext } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { revokeTokens } from './revoke.ts'
import type { Operator } from './run.ts'

/** The `client_id` of the credential that is made for an MCP server. */
export function serverCredentialId(serverId: string): string {
  return `${serverId}-guard`
}

interface WithKey {
  readonly serverId: string
  readonly publicJwk: JWK
}

/** Registers the credential of an MCP server, with its first key: a client that guards it and can do nothing else. */
export const addServerCredential: Command<WithKey> = async (context, { serverId, publicJwk }) => {
  const server = await context.t.serverDefinitions.find(serverId)
  if (!server) return err({ reason: 'unknown', kind: 'server', id: serverId })
  return addClient(context, {
    id: serverCredentialId(serverId),
    name: `Guard of ${server.name}`,
    applicationType: 'web',
    authMethod: 'private_key_jwt',
    secretHash: null,
    jwks: JSON.stringify({ keys: [publicJwk] }),
    jwksUri: null,
    redirectUris: [],
    postLogoutRedirectUris: [],
    grantTypes: [],
    idTokenAlg: 'RS256',
    dpopBound: false,
    servers: {},
    guards: [serverId],
    agent: null,
  })
}

/** Gives a credential one more key. The others go on to count, so that a guard can change over without a gap. */
export const addServerCredentialKey: Command<WithKey> = async (context, { serverId, publicJwk }) => {
  await context.t.tenants.lock()
  const found = await findCredential(context, serverId)
  if (!found.ok) return found
  const { credential, keys } = found.value
  return putClient(context, { ...credential, jwks: JSON.stringify({ keys: [...keys, publicJwk] }) })
}

/** Takes a key from a credential, and every token back that the credential got: one may have been got with that key. */
export const retireServerCredentialKey: Command<{ readonly serverId: string; readonly kid: string }> = async (
  context,
  { serverId, kid },
) => {
  await context.t.tenants.lock()
  const found = await findCredential(context, serverId)
  if (!found.ok) return found
  const { credential, keys } = found.value
  const kept = keys.filter((key) => key.kid !== kid)
  if (kept.length === keys.length) return err({ reason: 'unknown', kind: 'credential key', id: kid })
  if (kept.length === 0)
    return err({
      reason: 'invalid',
      message: `\`${kid}\` is the only key of \`${credential.id}\`: add another one first with --rotate`,
    })
  const done = await putClient(context, { ...credential, jwks: JSON.stringify({ keys: kept }) })
  if (done.ok) await revokeTokens(context, [{ clientId: credential.id }])
  return done
}

/** The ids of the keys with which the guard of an MCP server may authenticate, the oldest first. */
export async function listServerCredentialKeys(
  { store, tenant }: Operator,
  serverId: string,
): Promise<Result<readonly string[], CommandFailure>> {
  const found = await store.read((db) => findCredential({ t: inTenant(db, tenant) }, serverId))
  return found.ok ? ok(found.value.keys.map(({ kid }) => String(kid))) : found
}

interface Found {
  readonly credential: ClientDefinition
  readonly keys: readonly JWK[]
}

async function findCredential(
  { t }: Pick<CommandContext, 't'>,
  serverId: string,
): Promise<Result<Found, CommandFailure>> {
  const id = serverCredentialId(serverId)
  const credential = await t.clientDefinitions.find(id)
  const jwks = credential?.guards.includes(serverId) ? credential.jwks : null
  if (!credential || jwks === null) return err({ reason: 'unknown', kind: 'server credential', id })
  return ok({ credential, keys: (JSON.parse(jwks) as { keys: JWK[] }).keys })
}
