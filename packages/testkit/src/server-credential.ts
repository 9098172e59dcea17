import { randomUUID } from 'node:crypto'
import {
  addServerCredential,
  DEFAULT_TENANT,
  issuerOf,
  makeCredentialKey,
  runCommand,
  serverCredentialId,
  type Store,
} from '@permitry/server'
import { importJWK, type JWK, SignJWT } from 'jose'

/** What `permitry server credential` writes for the guard of an MCP server. */
export interface ServerCredential {
  readonly issuer: string
  readonly client_id: string
  readonly private_key: JWK
}

/** Makes the credential of an MCP server, as `permitry server credential` does. */
export async function addCredential(
  { issuer, store }: { readonly issuer: string; readonly store: Store },
  serverId = 'vetassist',
  tenant = DEFAULT_TENANT,
): Promise<ServerCredential> {
  const { publicJwk, privateJwk } = await makeCredentialKey()
  const operator = { store, tenant, actor: { kind: 'system', id: 'testkit' }, now: Date.now } as const
  const done = await runCommand(operator, addServerCredential, { serverId, publicJwk })
  if (!done.ok) throw new Error(JSON.stringify(done.error))
  return { issuer: issuerOf(issuer, tenant), client_id: serverCredentialId(serverId), private_key: privateJwk }
}

/** Asks for a token for the guard API as a guard does; `now` is in milliseconds. */
export async function guardToken(
  { issuer, client_id, private_key }: ServerCredential,
  { scope, now = Date.now() }: { readonly scope?: string; readonly now?: number } = {},
): Promise<string> {
  const at = Math.floor(now / 1000)
  const assertion = await new SignJWT({ iss: client_id, sub: client_id, aud: issuer, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: String(private_key.kid) })
    .setIssuedAt(at)
    .setExpirationTime(at + 60)
    .sign(await importJWK(private_key, 'ES256'))
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    resource: `${issuer}/guard`,
    ...(scope === undefined ? {} : { scope }),
  }
  const response = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })
  const body = (await response.json()) as Readonly<Record<string, unknown>>
  if (typeof body['access_token'] !== 'string') throw new Error(JSON.stringify(body))
  return body['access_token']
}
