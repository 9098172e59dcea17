import { err, formatScope, type Form, ok, type Result } from '@permitry/oauth'
import { readProvedKey } from '../dpop/request.ts'
import { asksForGuardApi, redeemForGuardApi } from '../guards/guard-grant.ts'
import type { Http } from '../http/endpoint.ts'
import { sign } from '../keys/signer.ts'
import type { Realm } from '../realm.ts'
import type { Client } from '../store/repositories/clients.ts'
import { auditProofFailure } from './audit.ts'
import { authenticateClient } from './authenticate-client.ts'
import { redeemClientCredentials } from './client-credentials-grant.ts'
import { type Redeemed, redeemCode } from './code-grant.ts'
import { toWire, type TokenFailure } from './failure.ts'
import { readForm } from './read-form.ts'
import { redeemRefreshToken } from './refresh-grant.ts'

/** Redeems what a client sent, for the key that it proved to hold, if any. */
type Grant = (
  realm: Realm,
  client: Client,
  form: Form,
  provedKey: string | undefined,
) => Promise<Result<Redeemed, TokenFailure>>

const grantTypes: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: redeemRefreshToken,
  client_credentials: redeemClientCredentials,
}

/** `POST /token` (OAuth 2.1 §3.2). */
export async function tokenEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const redeemed = await redeem(realm, c)
  if (!redeemed.ok) return refuse(c, redeemed.error)
  const { minted, refreshToken, provedKey } = redeemed.value
  const { idToken } = minted
  // RFC 9449 §6.1: whoever proved a key gets a token for that key only.
  const confirmation = provedKey === undefined ? {} : { cnf: { jkt: provedKey } }
  const [accessToken, signedIdToken] = await Promise.all([
    sign(realm, minted.accessKey, { typ: 'at+jwt' }, { ...minted.accessClaims, ...confirmation }),
    idToken && sign(realm, idToken.key, { typ: 'JWT', alg: idToken.alg }, idToken.claims),
  ])
  return c.json({
    access_token: accessToken,
    token_type: provedKey === undefined ? 'Bearer' : 'DPoP',
    expires_in: minted.expiresIn,
    scope: formatScope(minted.scopes),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(signedIdToken === undefined ? {} : { id_token: signedIdToken }),
  })
}

interface Answer extends Redeemed {
  readonly provedKey: string | undefined
}

async function redeem(realm: Realm, c: Http): Promise<Result<Answer, TokenFailure>> {
  const form = await readForm(c)
  if (!form.ok) return err({ reason: 'malformed_request', detail: form.error })
  const client = await authenticateClient(realm, c, form.value)
  if (!client.ok) return client
  const grantType = form.value.values['grant_type']
  if (grantType === undefined) return err({ reason: 'malformed_request', detail: 'grant_type is missing' })
  const grant = selectGrant(realm, client.value, grantType, form.value)
  if (!grant.ok) return grant
  const proved = await readProvedKey(realm, c, { path: '/token', client: client.value })
  if (!proved.ok) {
    await auditProofFailure(realm, client.value, proved.error)
    return err({ reason: 'dpop_proof', detail: proved.error })
  }
  const redeemed = await grant.value(realm, client.value, form.value, proved.value)
  return redeemed.ok ? ok({ ...redeemed.value, provedKey: proved.value }) : redeemed
}

function selectGrant(realm: Realm, client: Client, grantType: string, form: Form): Result<Grant, TokenFailure> {
  // To guard an MCP server is the right to ask for this: such a client need not be one that acts for itself.
  if (asksForGuardApi(realm, form)) return ok(redeemForGuardApi)
  const grant = Object.hasOwn(grantTypes, grantType) ? grantTypes[grantType] : undefined
  if (!grant) return err({ reason: 'grant_type_unknown' })
  return client.grantTypes.includes(grantType) ? ok(grant) : err({ reason: 'grant_type_not_allowed' })
}

export function refuse(c: Http, failure: TokenFailure): Response {
  const { status, body, challenge } = toWire(failure)
  if (challenge !== undefined) c.header('WWW-Authenticate', challenge)
  return c.json(body, status)
}
