// Clients that authenticate by a signature: assertions that are right unless a test changes them.
import { randomUUID } from 'node:crypto'
import { CompactSign, type CompactJWSHeaderParameters } from 'jose'
import { type ClientKeyPair, clientKeys } from './client-keys.ts'
import { postForm, type Parameters, type Reply } from './harness.ts'

type Changes = Readonly<Record<string, unknown>>

interface Assertion {
  readonly key?: ClientKeyPair
  readonly header?: Changes
  readonly claims?: Changes
}

/** Signs the assertion of a client for one request (RFC 7523 §2.2). A change to undefined leaves a member out. */
export function assertionOf(
  clientId: string,
  audience: string,
  { key = clientKeys.p256, header = {}, claims = {} }: Assertion = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    ...claims,
  }
  const protectedHeader = { alg: key.alg, kid: key.publicJwk['kid'], ...header } as CompactJWSHeaderParameters
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader(protectedHeader)
    .sign(key.privateKey)
}

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A form that an assertion is added to. */
export function proved(assertion: string, form: Parameters = {}): Parameters {
  return { client_assertion_type: JWT_BEARER, client_assertion: assertion, ...form }
}

/** Asks for a token by client_credentials, which needs nothing but that the client is who it says. */
export function askAs(issuer: string, form: Parameters, basic?: readonly [string, string]): Promise<Reply> {
  const request = { grant_type: 'client_credentials', resource: 'mcp://vetassist', scope: 'pet-profile:read' }
  return postForm(`${issuer}/token`, { ...request, ...form }, basic)
}
