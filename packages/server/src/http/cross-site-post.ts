import type { Http } from './endpoint.ts'

/** Beyond this an address is cut off somewhere on its way. */
const LONGEST_QUERY = 8_000

/**
 * Asks a browser that posts a form from another site to come again by GET, with the same parameters: `SameSite=Lax` keeps
 * our cookies from such a POST, and without them a person who is signed in looks like a stranger. Undefined for every
 * other request.
 */
export function againByGet(c: Http, url: string, form: string): Response | undefined {
  if (c.req.method !== 'POST' || c.req.header('sec-fetch-site') !== 'cross-site') return undefined
  const query = new URLSearchParams(form).toString()
  return query.length > LONGEST_QUERY ? undefined : c.redirect(`${url}?${query}`, 303)
}
