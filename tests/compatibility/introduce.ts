// How clients become known to an authorization server that nobody told of them.
import assert from 'node:assert/strict'
import { randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Introduction } from './client.ts'
import type { ServerMetadata } from './discover.ts'
import { CLIENT_KEY_ID, clientKeys } from './published.ts'

/** A client with the means to prove itself at the token endpoint, where it has any. */
export interface Known {
  readonly clientId: string
  readonly method: string
  readonly secret?: string
}

/** Introduces a client: by the address of its document, or by registering. `fill` completes what depends on the moment. */
export async function introduce(
  introduction: Introduction,
  server: ServerMetadata,
  fill: (text: string) => string,
): Promise<Known> {
  const metadata = JSON.parse(fill(JSON.stringify(introduction.metadata))) as Record<string, unknown>
  if (introduction.by === 'document') {
    assert.equal(server.client_id_metadata_document_supported, true)
    return { clientId: introduction.url, method: chosenMethod(metadata, server) }
  }
  const response = await fetch(server.registration_endpoint ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(metadata),
  })
  const text = await response.text()
  assert.equal(response.status, 201, `registration: ${text}`)
  const registered = JSON.parse(text) as Record<string, unknown>
  assert.deepEqual(registered['redirect_uris'], metadata['redirect_uris'], 'what was registered is what was sent')
  const secret = registered['client_secret']
  return {
    clientId: String(registered['client_id']),
    method: String(registered['token_endpoint_auth_method']),
    ...(typeof secret === 'string' ? { secret } : {}),
  }
}

/** OpenID Connect RP Metadata Choices: the method that the document prefers, else the first that both sides have. */
function chosenMethod(metadata: Record<string, unknown>, server: ServerMetadata): string {
  const supported = server.token_endpoint_auth_methods_supported
  const preferred = String(metadata['token_endpoint_auth_method'])
  if (supported.includes(preferred)) return preferred
  const others = (metadata['token_endpoint_auth_methods_supported'] ?? []) as string[]
  return others.find((method) => supported.includes(method)) ?? preferred
}

/** The members that authenticate a token request (RFC 6749 §2.3.1, RFC 7523 §2.2); a public client only names itself. */
export function authentication({ clientId, method, secret }: Known, server: ServerMetadata): Record<string, string> {
  switch (method) {
    case 'none':
      return { client_id: clientId }
    case 'client_secret_post':
      return { client_id: clientId, client_secret: secret ?? '' }
    case 'private_key_jwt':
      return {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion(clientId, server.issuer, clientKeys.privateKey),
      }
    default:
      throw new Error(`no fixture authenticates by ${method}`)
  }
}

function assertion(clientId: string, audience: string, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000)
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const head = encode({ alg: 'RS256', kid: CLIENT_KEY_ID, typ: 'JWT' })
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60, jti: randomUUID() }
  const signed = `${head}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
