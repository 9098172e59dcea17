import * as oauth from 'oauth4webapi'
import { CONSOLE_CLIENT } from '../access/admin-api.ts'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'

/** Where people come back to after they signed in. */
export function callbackUrl(realm: Realm): string {
  return `${realm.issuer}/console/callback`
}

/** This authorization server, as the console needs to know it. */
export function serverOf({ issuer }: Realm): oauth.AuthorizationServer {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    authorization_response_iss_parameter_supported: true,
  }
}

/** The clock of this server is the one that counts, also where a test has moved it. */
export function clientOf(realm: Realm): oauth.Client {
  return { client_id: CONSOLE_CLIENT, [oauth.clockSkew]: Math.round((realm.now() - Date.now()) / 1000) }
}

/** How the console proves to the token endpoint that it is the console. */
export function clientAuth(realm: Realm): oauth.ClientAuth {
  return oauth.ClientSecretBasic(realm.secrets.consoleClient)
}

/** The console is a client like others, except that its requests do not leave the process: that is why http may be among them. */
export function withinProcess(c: Http) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) =>
      c.var.callOwn(new Request(url, init)),
    [oauth.allowInsecureRequests]: true,
  } as const
}
