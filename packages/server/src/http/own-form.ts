import type { Endpoint } from './endpoint.ts'
import { errorResponse } from './pages.ts'

/** What a browser says about the page that sent a form; scripts and pages cannot set either header. */
interface FormOrigin {
  readonly secFetchSite: string | undefined
  readonly origin: string | undefined
}

/**
 * Whether a form was sent by a page of this origin. Sec-Fetch-Site decides where the browser sends it, because Origin is
 * `null` under our own `Referrer-Policy: no-referrer`; else Origin must be ours. With neither the form is refused.
 */
export function isOwnForm({ secFetchSite, origin }: FormOrigin, ownOrigin: string): boolean {
  if (origin !== undefined && origin !== 'null' && origin !== ownOrigin) return false
  return secFetchSite === undefined ? origin === ownOrigin : secFetchSite === 'same-origin'
}

/** Guards an endpoint that takes the forms of our own pages: the second wall against forged posts, beside the proof in the form. */
export function ownForm(endpoint: Endpoint): Endpoint {
  return (realm, c) => {
    const from = { secFetchSite: c.req.header('sec-fetch-site'), origin: c.req.header('origin') }
    if (!isOwnForm(from, new URL(realm.issuer).origin)) return errorResponse(c, { cause: 'form_refused' })
    return endpoint(realm, c)
  }
}
