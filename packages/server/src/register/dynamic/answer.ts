import { bearerChallenge, errorBody, type OAuthErrorCode } from '@permitry/oauth'
import type { Http } from '../../http/endpoint.ts'
import type { Realm } from '../../realm.ts'
import type { RegisteredClient } from '../../store/repositories/registrations.ts'
import { WAIT_SECONDS } from './admit.ts'
import type { RegistrationFailure } from './checks.ts'

/** What is shown once and of which only hashes are kept. */
export interface Credentials {
  readonly secret?: string | undefined
  readonly managementToken?: string | undefined
}

/** The client information response (RFC 7591 §3.2.1, RFC 7592 §3). Who shares a client gets no way to change it. */
export function answer(
  realm: Realm,
  c: Http,
  { client, createdAt }: RegisteredClient,
  { secret, managementToken }: Credentials,
  status: 200 | 201,
): Response {
  return c.json(
    {
      client_id: client.id,
      client_id_issued_at: Math.floor(createdAt / 1000),
      // A secret of 256 random bits does not wear out; what was registered and never used goes after a day.
      ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
      ...(managementToken === undefined
        ? {}
        : {
            registration_access_token: managementToken,
            registration_client_uri: `${realm.issuer}/register/${client.id}`,
          }),
      ...(JSON.parse(client.metadata ?? '{}') as object),
    },
    status,
  )
}

/** RFC 7591 §3.2.2. */
export function refuse(c: Http, { error, description }: RegistrationFailure): Response {
  return c.json(errorBody(error, description), 400)
}

/** RFC 7592 §2: nobody learns whether the client exists. */
export function unauthorized(c: Http, sentToken: boolean): Response {
  const error: OAuthErrorCode = 'invalid_token'
  const description = 'send the registration access token that came with this client, as a Bearer token'
  c.header('WWW-Authenticate', bearerChallenge(sentToken ? { error, errorDescription: description } : {}))
  return c.json(errorBody(error, description), 401)
}

export function forbidden(c: Http, description: string): Response {
  return c.json(errorBody('access_denied', description), 403)
}

export function tooMany(c: Http, description: string): Response {
  c.header('Retry-After', String(WAIT_SECONDS))
  return c.json(errorBody('temporarily_unavailable', description), 429)
}
