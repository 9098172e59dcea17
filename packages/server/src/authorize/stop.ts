import type { Http } from '../http/endpoint.ts'
import { errorResponse } from '../http/pages.ts'
import type { Realm } from '../realm.ts'
import { showAnswered } from './answered.ts'
import { dispatch, stepUrl } from './dispatch.ts'
import { type Arrival, wayBack } from './response.ts'
import type { Stop } from './stored-request.ts'

/** Answers a step that cannot go on: says why, and offers a way on to the browser that began the request, and to it alone. */
export async function stop(realm: Realm, c: Http, { cause, flow }: Stop, arrival: Arrival): Promise<Response> {
  if (!flow) return errorResponse(c, { cause })
  if (flow.answered) return showAnswered(realm, c, flow)
  const { requestId } = flow
  if (cause === 'request_expired') {
    const backTo = wayBack(realm, flow, { error: 'access_denied', description: 'the person did not answer in time' })
    return errorResponse(c, { cause }, { requestId, ...(backTo ? { backTo } : {}) })
  }
  // The back button, or a person who signed in or out in another tab: a link changes nothing, so it may lead on at once.
  if (arrival === 'link') return dispatch(realm, c, flow, arrival)
  // A form says what somebody decided, and that was decided as somebody else, or before: it is asked again.
  const goOnUrl = stepUrl(realm, flow, flow.signedIn ? 'consent' : 'login')
  return errorResponse(c, { cause: 'form_refused', goOnUrl }, { requestId })
}
