import { err, type Form, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import { checkClient, readClientCredentials } from './client-authentication.ts'
import type { ClientAuthenticationFailure, TokenFailure } from './failure.ts'

/** Authenticates the client of a request to the token or revocation endpoint, and records who failed (OAuth 2.1 §2.4). */
export async function authenticateClient(realm: Realm, c: Http, form: Form): Promise<Result<Client, TokenFailure>> {
  const authorization = c.req.header('authorization')
  const refuse = (detail: ClientAuthenticationFailure): Result<never, TokenFailure> =>
    err({ reason: 'client_authentication', detail, usedHeader: authorization !== undefined })

  const credentials = readClientCredentials(authorization, form)
  if (!credentials.ok) return refuse(credentials.error)
  const { clientId, secret } = credentials.value
  const client = await realm.read((t) => t.clients.find(clientId))
  const failure = checkClient({ client, secret })
  if (client && failure === undefined) return ok(client)

  const detail = failure ?? 'unknown'
  const reason = `client_authentication: ${detail}`
  await realm.unit((t) => t.auditRefused({ type: 'token.refused', clientId: client?.id, reason }))
  return refuse(detail)
}
