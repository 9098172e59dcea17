import type { Endpoint, Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import { problem } from '../http/problem.ts'

/** What the console's script sends along. No form can, and a script of another origin would need a preflight that fails. */
const OWN_HEADER = 'Permitry-Console'

/**
 * Guards what the console's cookie opens, beside `SameSite=Strict`, which counts pages of a neighbouring subdomain as ours: the
 * header is there, and a browser that says where a request comes from says that it is this origin.
 */
export function ownCall(endpoint: Endpoint): Endpoint {
  return (realm, c) =>
    isOwnCall(realm, c)
      ? endpoint(realm, c)
      : problem(c, 'forbidden', { detail: 'the request is not one of the console' })
}

function isOwnCall({ issuer }: Realm, c: Http): boolean {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  return (
    c.req.header(OWN_HEADER) === '1' &&
    (origin === undefined || origin === new URL(issuer).origin) &&
    (site === undefined || site === 'same-origin')
  )
}
