import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { errorPage, errorView, type ErrorCause, pageHeaders } from '../html/index.ts'
import { newId } from '../keys/secrets.ts'

/** Answers with a page: the one place that puts the security headers on what a person sees. */
export function page(c: Context, markup: unknown, status: ContentfulStatusCode = 200): Response {
  for (const [name, value] of Object.entries(pageHeaders())) c.header(name, value)
  return c.html(String(markup), status)
}

/** Shows what went wrong; the request id is what the person can read out to an administrator. */
export function errorResponse(
  c: Context,
  cause: ErrorCause,
  { requestId = newId('req'), backTo }: { requestId?: string; backTo?: { url: string; clientName: string } } = {},
): Response {
  const view = errorView(cause, { requestId, ...(backTo ? { backTo } : {}) })
  return page(c, errorPage(view), view.status)
}
