import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { errorPage, errorView, type ErrorCause, pageHeaders, type PageView } from '../html/index.ts'
import { newId } from '../keys/secrets.ts'

/** Answers with a page: the one place that puts the security headers on what a person sees. */
export function page(c: Context, markup: unknown, status: ContentfulStatusCode = 200): Response {
  for (const [name, value] of Object.entries(pageHeaders())) c.header(name, value)
  return c.html(String(markup), status)
}

/** What all pages of a tenant have in common, as the route knows it; nothing where no tenant was found. */
export function chrome(c: Context): PageView {
  const tenantName = c.get('tenantName') as string | undefined
  return tenantName === undefined || tenantName === '' ? {} : { tenantName }
}

/** Shows what went wrong; the request id is what the person can read out to an administrator. */
export function errorResponse(
  c: Context,
  cause: ErrorCause,
  { requestId = newId('req'), backTo }: { requestId?: string; backTo?: { url: string; clientName: string } } = {},
): Response {
  const view = errorView(cause, { ...chrome(c), requestId, ...(backTo ? { backTo } : {}) })
  return page(c, errorPage(view), view.status)
}
