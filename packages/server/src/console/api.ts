import { decodeJwt } from 'jose'
import type { Http } from '../http/endpoint.ts'
import type { Realm } from '../realm.ts'
import { problem } from '../http/problem.ts'
import { readConsoleSession } from './session.ts'

/** What an operation may read of a request; cookies and whatever else a browser sends stay here. */
const FORWARDED = ['accept', 'content-type', 'if-match', 'if-none-match', 'idempotency-key']
/** What the console may read of an answer. */
const RETURNED = ['content-type', 'etag', 'retry-after', 'content-disposition']

/** `GET /console/api/session`: who is signed in, and what they may do, for a page that has to draw itself. */
export async function consoleSession(realm: Realm, c: Http): Promise<Response> {
  const signedIn = await readConsoleSession(realm, c)
  if (!signedIn) return signedOut(c)
  const { session, accessToken } = signedIn
  const subject = await realm.read((t) => t.subjects.find(session.subject_id))
  c.header('Cache-Control', 'no-store')
  return c.json({
    subject: { id: session.subject_id, name: subject?.name ?? '', username: subject?.username ?? null },
    scopes: session.scopes.split(' ').filter((scope) => scope !== ''),
    auth_time: decodeJwt(accessToken)['auth_time'] ?? 0,
    ends_at: session.absolute_expires_at,
    organisation: realm.name,
    issuer: realm.issuer,
  })
}

/** `/console/api/v1/*`: the admin API, with the token that the server keeps for this browser. */
export async function consoleApi(realm: Realm, c: Http): Promise<Response> {
  const signedIn = await readConsoleSession(realm, c)
  if (!signedIn) return signedOut(c)
  const headers = new Headers({ authorization: `Bearer ${signedIn.accessToken}` })
  for (const name of FORWARDED) {
    const value = c.req.header(name)
    if (value !== undefined) headers.set(name, value)
  }
  const { pathname, search } = new URL(c.req.url)
  const [, below = ''] = /\/console\/api(\/v1\/.*)$/.exec(pathname) ?? []
  const body = await c.req.arrayBuffer()
  const answer = await c.var.callOwn(
    new Request(`${realm.issuer}/admin${below}${search}`, {
      method: c.req.method,
      headers,
      ...(body.byteLength > 0 ? { body } : {}),
    }),
  )
  const returned = new Headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  for (const name of RETURNED) {
    const value = answer.headers.get(name)
    if (value !== null) returned.set(name, value)
  }
  return new Response(answer.body, { status: answer.status, headers: returned })
}

function signedOut(c: Http): Response {
  return problem(c, 'unauthorized', { detail: 'nobody is signed in at the console in this browser' })
}
