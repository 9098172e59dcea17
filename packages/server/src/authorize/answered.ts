import { answeredPage } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { authorizationQuery, type AuthorizationRequest } from './request.ts'
import { wayBack } from './response.ts'
import type { Flow } from './stored-request.ts'

/**
 * Says that a request was answered before, and leads on. A second click on a button replaces the page that held the code,
 * so the client may never have got it. For the browser that began the request, and for no other.
 */
export async function showAnswered(realm: Realm, c: Http, flow: Flow): Promise<Response> {
  const goOnUrl = await wayOn(realm, flow)
  const clientName = flow.facts.client?.name ?? ''
  return page(c, answeredPage({ ...chrome(c), clientName, ...(goOnUrl === undefined ? {} : { goOnUrl }) }))
}

/**
 * What was allowed is asked for anew, so that everything is checked again and a code that may be in other hands is not
 * given twice. What was refused stays refused, whatever was granted meanwhile: the client hears it once more.
 */
async function wayOn(realm: Realm, flow: Flow): Promise<string | undefined> {
  const stored = await realm.read((t) => t.requests.find(flow.requestId))
  if (!stored || stored.expiresAt <= realm.now()) return undefined
  if (stored.refusal === null) return `${realm.issuer}/authorize?${authorizationQuery(askedAnew(flow))}`
  return wayBack(realm, flow, { error: stored.refusal, description: 'the request was refused' })?.url
}

/** Who signed in since the request began has done what `prompt=login` asks for, and is not made to do it twice. */
function askedAnew({ request, signedIn, createdAt }: Flow): AuthorizationRequest {
  if (!signedIn || signedIn.session.auth_time < createdAt) return request
  return { ...request, prompts: request.prompts.filter((prompt) => prompt !== 'login' && prompt !== 'select_account') }
}
