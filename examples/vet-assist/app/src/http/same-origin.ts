import type { MiddlewareHandler } from 'hono'

/** A header that no form and no link can send, and no other origin without asking first. */
const HEADER = 'x-vet-assist'

/** The API is for this app's own pages: another site's page that uses the person's cookie is refused (CSRF). */
export function onlyFrom(origin: URL): MiddlewareHandler {
  return async (c, next) => {
    const site = c.req.header('sec-fetch-site')
    const isForeign = site !== undefined && site !== 'same-origin'
    const isRead = c.req.method === 'GET'
    const isOwn = isRead || (c.req.header('origin') === origin.origin && c.req.header(HEADER) === '1')
    if (isForeign || !isOwn) return c.json({ error: 'this API is for the pages of Vet Assist AI' }, 403)
    return next()
  }
}

/** Refuses names that lead here and are not ours (DNS rebinding). */
export function onlyAt(origin: URL): MiddlewareHandler {
  return async (c, next) => {
    const isOurs = c.req.header('host')?.toLowerCase() === origin.host
    return isOurs ? next() : c.text(`this is ${origin.origin}`, 421)
  }
}
