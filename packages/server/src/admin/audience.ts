import { openApiDocument } from '@permitry/admin-api'
import type { Audience } from '../http/audience.ts'
import type { Http } from '../http/endpoint.ts'
import { newId } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import { refuse } from './refusal.ts'

/** Programs of administrators: every failure is a problem (RFC 9457). */
export const forAdmins: Audience = {
  malformed: (c, detail) => refuse(c, { kind: 'too_large', detail }),
  notFound: (c) => refuse(c, { kind: 'not_found', detail: 'there is no such tenant' }),
  wrongMethod: (c, allow) => refuse(c, { kind: 'wrong_method', detail: `the method is ${allow}` }),
  fault(c, report) {
    const requestId = newId('req')
    report(requestId)
    return refuse(c, { kind: 'fault', detail: `see the log of the server for ${requestId}`, requestId })
  },
}

/** `GET /admin/openapi.json`: what the admin API can do. It tells nothing of the tenant, so it needs no token. */
export function adminDescription({ issuer }: Realm, c: Http): Response {
  return c.json(openApiDocument(issuer))
}
