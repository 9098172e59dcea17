import { err, formatScope, type Form, ok, parseForm, type Result } from '@permitry/oauth'
import type { Http } from '../http/endpoint.ts'
import { sign } from '../keys/signer.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import { checkClient, readClientCredentials } from './client-authentication.ts'
import { type Redeemed, redeemCode } from './code-grant.ts'
import { toWire, type TokenFailure } from './failure.ts'
import { redeemRefreshToken } from './refresh-grant.ts'

const grantTypes: Readonly<
  Record<string, (realm: Realm, client: Client, form: Form) => Promise<Result<Redeemed, TokenFailure>>>
> = {
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
}

/** `POST /token` (OAuth 2.1 §3.2). */
export async function tokenEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const redeemed = await redeem(realm, c)
  if (!redeemed.ok) return refuse(c, redeemed.error)
  const { minted, refreshToken } = redeemed.value
  const [accessToken, idToken] = await Promise.all([
    sign(realm, minted.accessKey, 'at+jwt', minted.accessClaims),
    minted.idClaims && minted.idKey ? sign(realm, minted.idKey, 'JWT', minted.idClaims) : undefined,
  ])
  return c.json({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: minted.expiresIn,
    scope: formatScope(minted.scopes),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  })
}

async function redeem(realm: Realm, c: Http): Promise<Result<Redeemed, TokenFailure>> {
  const form = await readForm(c)
  if (!form.ok) return err({ reason: 'malformed_request', detail: form.error })
  const client = await authenticateClient(realm, c, form.value)
  if (!client.ok) return client
  const grantType = form.value.values['grant_type']
  if (grantType === undefined) return err({ reason: 'malformed_request', detail: 'grant_type is missing' })
  const grant = Object.hasOwn(grantTypes, grantType) ? grantTypes[grantType] : undefined
  if (!grant) return err({ reason: 'grant_type_unknown' })
  if (!client.value.grantTypes.includes(grantType)) return err({ reason: 'grant_type_not_allowed' })
  return grant(realm, client.value, form.value)
}

/** Authenticates the client of a request to the token, revocation or introspection endpoint. */
export async function authenticateClient(realm: Realm, c: Http, form: Form): Promise<Result<Client, TokenFailure>> {
  const authorization = c.req.header('authorization')
  const fail = (
    detail: Parameters<typeof toWire>[0] & { reason: 'client_authentication' },
  ): Result<never, TokenFailure> => err(detail)
  const credentials = readClientCredentials(authorization, form)
  if (!credentials.ok)
    return fail({ reason: 'client_authentication', detail: credentials.error, usedHeader: authorization !== undefined })
  const { clientId, secret, usedHeader } = credentials.value
  const client = await realm.read((t) => t.clients.find(clientId))
  const detail = checkClient({ client, secret })
  if (detail || !client) return fail({ reason: 'client_authentication', detail: detail ?? 'unknown', usedHeader })
  return ok(client)
}

/** Reads a form body: right media type, nothing repeated but `resource` (OAuth 2.1 §3.2). */
export async function readForm(c: Http): Promise<Result<Form>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return err('send the parameters as application/x-www-form-urlencoded')
  const form = parseForm(await c.req.text(), { repeatable: ['resource'] })
  if (form.ok && form.value.repeated.length > 0) return err(`${form.value.repeated.join(', ')} was sent more than once`)
  return form
}

export function refuse(c: Http, failure: TokenFailure): Response {
  const { status, body, challenge } = toWire(failure)
  if (challenge !== undefined) c.header('WWW-Authenticate', challenge)
  return c.json(body, status)
}
