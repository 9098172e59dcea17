import { bearerChallenge, err, errorBody, ok, type OAuthErrorCode, type Result } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import { type GuardScope, guardAudience } from '../access/guard-api.ts'
import { readToken } from '../account/bearer.ts'
import type { Endpoint, Http } from '../http/endpoint.ts'
import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Server } from '../store/repositories/servers.ts'
import { isServerCredential } from './guard-grant.ts'

/** A guard that has shown a good token: the credential that it holds, and the MCP servers that this one guards now. */
export interface Guard {
  readonly clientId: string
  readonly servers: readonly Server[]
  /** Also those that were removed: their guards have to hear that nothing counts there any more. */
  readonly serverIds: readonly string[]
  /** Says whether the token still counts: for whoever waited, before the answer goes out. */
  stillCounts(): Promise<boolean>
}

/** An endpoint of the guard API: `answer` is called for guards only whose token counts here and has the scope. */
export function forGuard(
  scope: GuardScope,
  answer: (realm: Realm, c: Http, guard: Guard) => Promise<Response>,
): Endpoint {
  return async (realm, c) => {
    c.header('Cache-Control', 'no-store')
    const guard = await authenticateGuard(realm, c, scope)
    return guard.ok ? answer(realm, c, guard.value) : refuseGuard(c, guard.error)
  }
}

/** The MCP server with this name among those that the guard stands before; undefined also for a server that is somebody else's. */
export async function findGuarded(realm: Realm, guard: Guard, resource: string): Promise<Server | undefined> {
  const named = await realm.read((t) => t.servers.findByResource(resource))
  return guard.servers.find(({ id }) => id === named?.serverId)
}

type GuardFailure = 'token_missing' | 'invalid_token' | { readonly missing: GuardScope }

async function authenticateGuard(realm: Realm, c: Http, scope: GuardScope): Promise<Result<Guard, GuardFailure>> {
  const sent = readToken(c)
  if (!sent.ok) return err(sent.error === 'token_missing' ? 'token_missing' : 'invalid_token')
  const token = await verifyOwnToken(realm, sent.value.token)
  // A token that is bound to a key is none for here: a guard proves its key when it gets the token (RFC 9449 §7.2).
  if (token?.typ !== 'at+jwt' || sent.value.scheme !== 'Bearer' || 'cnf' in token.claims) return err('invalid_token')
  const facts = await readFacts(realm, token.claims)
  if (!facts) return err('invalid_token')
  if (!facts.scopes.includes(scope)) return err({ missing: scope })
  const stillCounts = async () =>
    Number(token.claims.exp) * 1000 > realm.now() && (await readFacts(realm, token.claims)) !== undefined
  return ok({ clientId: facts.client.id, servers: facts.servers, serverIds: facts.client.guards, stillCounts })
}

interface Facts {
  readonly client: Client
  readonly servers: readonly Server[]
  readonly scopes: readonly string[]
}

/** Read from the database each time: a token is worth what the credential is worth now. Undefined when that is nothing. */
async function readFacts(realm: Realm, claims: JWTPayload): Promise<Facts | undefined> {
  if (claims.aud !== guardAudience(realm.issuer)) return undefined
  const clientId = String(claims['client_id'])
  return realm.read(async (t) => {
    const client = await t.clients.find(clientId)
    if (!client?.active || !isServerCredential(client)) return undefined
    const revokedBelow = await t.revocations.revokedBelow({ subjectId: clientId, familyId: undefined, clientId })
    if (Number(claims['epoch']) < revokedBelow) return undefined
    const servers: Server[] = []
    for (const id of client.guards) {
      const server = await t.servers.find(id)
      if (server?.active) servers.push(server)
    }
    return { client, servers, scopes: String(claims['scope']).split(' ') }
  })
}

/** RFC 6750 §3.1. The guard learns that its token is not good, and never why: it gets another one, or an operator looks. */
export function refuseGuard(c: Http, failure: GuardFailure): Response {
  const { status, error, errorDescription, scope } = toWire(failure)
  const challenge = error === undefined ? {} : { error, errorDescription, ...(scope && { scope }) }
  c.header('WWW-Authenticate', bearerChallenge(challenge))
  return error === undefined ? c.body(null, status) : c.json(errorBody(error, errorDescription), status)
}

interface WireFailure {
  readonly status: 401 | 403
  readonly error?: OAuthErrorCode
  readonly errorDescription: string
  readonly scope?: readonly string[]
}

function toWire(failure: GuardFailure): WireFailure {
  if (failure === 'token_missing') return { status: 401, errorDescription: '' }
  if (failure === 'invalid_token')
    return {
      status: 401,
      error: 'invalid_token',
      errorDescription: 'the access token is not valid here, or not any more',
    }
  const { missing } = failure
  return {
    status: 403,
    error: 'insufficient_scope',
    errorDescription: `the scope ${missing} is missing`,
    scope: [missing],
  }
}
