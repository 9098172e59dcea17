import { err, type Form, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import { sha256 } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { consultDocument } from '../register/document/consult.ts'
import { isOutage } from '../register/document/standing.ts'
import type { Client } from '../store/repositories/clients.ts'
import { judgeAssertion } from './client-assertion.ts'
import { checkClient, readClientCredentials } from './client-authentication.ts'
import type { ClientAuthenticationFailure, TokenFailure } from './failure.ts'

/** Authenticates the client of a request to the token, revocation or introspection endpoint, and records who failed (OAuth 2.1 §2.4). */
export async function authenticateClient(realm: Realm, c: Http, form: Form): Promise<Result<Client, TokenFailure>> {
  const authorization = c.req.header('authorization')
  const refuse = (detail: ClientAuthenticationFailure): Result<never, TokenFailure> =>
    err({ reason: 'client_authentication', detail, usedHeader: authorization !== undefined })

  const credentials = readClientCredentials(authorization, form)
  if (!credentials.ok) return refuse(credentials.error)
  const { clientId, secret, assertion: sent } = credentials.value
  const consulted = await consultDocument(realm, c, clientId, { introduces: false })
  if (!consulted.ok && isOutage(consulted.error)) return err({ reason: 'client_document_unavailable' })
  const client = consulted.ok ? await realm.read((t) => t.clients.find(clientId)) : undefined
  // Keys of a document that cannot be fetched may be the very ones that it was changed for (ADR 0007).
  if (consulted.ok && consulted.value === 'stale' && client?.authMethod === 'private_key_jwt')
    return err({ reason: 'client_document_unavailable' })
  const assertion = sent && (await judgeAssertion(realm, client, sent))
  const failure = checkClient({
    client,
    secret,
    assertion,
    audiences: [realm.issuer, `${realm.issuer}/token`],
    nowSeconds: realm.now() / 1000,
  })
  if (client && failure === undefined) {
    if (!assertion || (await spend(realm, clientId, assertion.claims))) return ok(client)
  }

  const detail = failure ?? (client ? 'assertion_replayed' : 'unknown')
  const reason = `client_authentication: ${detail}`
  await realm.unit((t) => t.auditRefused({ type: 'token.refused', clientId: client?.id, reason }))
  return refuse(detail)
}

/** Of requests with the same assertion one is the client's (OIDC Core §9). Only a signed one gets here, so strangers spend nothing. */
function spend(realm: Realm, clientId: string, { jti, exp = 0 }: { jti?: string; exp?: number }): Promise<boolean> {
  const hash = sha256(JSON.stringify(['client_assertion', clientId, jti]))
  return realm.unit((t) => t.spentIds.spend(hash, Math.ceil(exp * 1000)))
}
