import type { MiddlewareHandler } from 'hono'
import type { HandlerOptions, Protect } from '../guard.ts'

/** What later handlers find: `c.get('mcp')` are the options for an MCP handler's `fetch`. */
export interface GuardVariables {
  mcp: HandlerOptions
}

/**
 * Turns a guard into middleware of Hono: `app.use(guardMiddleware(guard({ … })))`, before every route. It serves the
 * metadata, refuses what is not allowed, and hands on the caller and the parsed message:
 * `app.all('/mcp', (c) => handler.fetch(c.req.raw, c.get('mcp')))`. Answers of later handlers pass through it.
 */
export function guardMiddleware(protect: Protect): MiddlewareHandler<{ Variables: GuardVariables }> {
  return async (c, next) => {
    const serve = protect(async (request, options) => {
      c.req.raw = request
      c.set('mcp', options)
      await next()
      return c.res
    })
    const answer = await serve(c.req.raw)
    // Emptied first: Hono adds the headers of the answer before, its length among them.
    c.res = undefined
    c.res = answer
  }
}
