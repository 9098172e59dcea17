import type { MiddlewareHandler } from 'hono'

/** Scripts, styles and fonts are files of this app; nothing is framed, inlined, evaluated or sent elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** Headers of every answer; what is personal is not kept by browsers or by anybody between. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  c.res.headers.set('content-security-policy', POLICY)
  c.res.headers.set('x-content-type-options', 'nosniff')
  c.res.headers.set('referrer-policy', 'no-referrer')
  c.res.headers.set('cross-origin-opener-policy', 'same-origin')
  c.res.headers.set('cross-origin-resource-policy', 'same-origin')
  c.res.headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()')
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
}
