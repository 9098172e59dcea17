import { answeredPage } from '../html/index.ts'
import type { Http } from '../http/endpoint.ts'
import { chrome, errorResponse, page } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { dispatch, returnTo, stepUrl } from './dispatch.ts'
import { type Arrival, responseUrl } from './response.ts'
import type { Flow, Stop } from './stored-request.ts'

/** Answers a step that cannot go on: says why, and offers a way on to the browser that began the request, and to it alone. */
export async function stop(realm: Realm, c: Http, { cause, flow }: Stop, arrival: Arrival): Promise<Response> {
  if (!flow) return errorResponse(c, { cause })
  if (flow.answered) return page(c, answeredPage({ ...chrome(c), clientName: flow.facts.client?.name ?? '' }))
  const { requestId } = flow
  if (cause === 'request_expired') return errorResponse(c, { cause }, { requestId, ...wayBack(realm, flow) })
  // The back button, or a person who signed in or out in another tab: a link changes nothing, so it may lead on at once.
  if (arrival === 'link') return dispatch(realm, c, flow, arrival)
  // A form says what somebody decided, and that was decided as somebody else, or before: it is asked again.
  const goOnUrl = stepUrl(realm, flow, flow.signedIn ? 'consent' : 'login')
  return errorResponse(c, { cause: 'form_refused', goOnUrl }, { requestId })
}

/** Lets the client hear that nothing came of its request. A client that registered itself is trusted with that after a login only. */
function wayBack(realm: Realm, flow: Flow): { backTo?: { url: string; clientName: string } } {
  const to = returnTo(flow)
  if (!to || (flow.facts.client?.registration !== 'registered' && !flow.signedIn)) return {}
  const failure = { error: 'access_denied', description: 'the person did not answer in time' } as const
  return { backTo: { url: responseUrl(realm, to, failure), clientName: to.clientName } }
}
