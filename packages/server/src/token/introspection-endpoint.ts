import { err, ok, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import { authenticateClient } from './authenticate-client.ts'
import { refuse } from './endpoint.ts'
import type { TokenFailure } from './failure.ts'
import { introspectionChecks, readIntrospected } from './introspection.ts'
import { readForm } from './read-form.ts'

/**
 * `POST /introspect` (RFC 7662): what a token is worth now, for the client that it was issued to and for the MCP server that it
 * is for. Everybody else, and everybody about every other token, gets the same answer without a reason (§2.2, §4).
 */
export async function introspectionEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const asked = await readQuestion(realm, c)
  if (!asked.ok) return refuse(c, asked.error)
  const { client, token } = asked.value
  const found = await readIntrospected(realm, client, token)
  const isActive = found && introspectionChecks.every(([, , check]) => check(found.facts))
  return c.json(isActive ? { active: true, ...found.members } : { active: false })
}

interface Question {
  readonly client: Client
  readonly token: string
}

async function readQuestion(realm: Realm, c: Http): Promise<Result<Question, TokenFailure>> {
  const form = await readForm(c)
  if (!form.ok) return err({ reason: 'malformed_request', detail: form.error })
  const client = await authenticateClient(realm, c, form.value)
  if (!client.ok) return client
  // RFC 7662 §2.1: whoever asks proves who it is, or tokens could be tried out here.
  if (!isConfidential(client.value))
    return err({ reason: 'client_authentication', detail: 'wrong_method', usedHeader: false })
  const token = form.value.values['token']
  if (token === undefined) return err({ reason: 'malformed_request', detail: 'token is missing' })
  return ok({ client: client.value, token })
}
