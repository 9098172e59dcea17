import type { ServerResponse } from 'node:http'
import type { Protect } from '../guard.ts'
import { admitNode, type GuardedRequest } from './node.ts'

export type { GuardedRequest } from './node.ts'

/** Middleware of Express. */
export type GuardMiddleware = (req: GuardedRequest, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Turns a guard into middleware: `app.use(guardMiddleware(guard({ … })))`. It serves the metadata, refuses what is not
 * allowed, and otherwise sets `req.auth` and `req.body`. Mount it at the root, since the metadata lives there, and before
 * any body parser, since only whoever parses the bytes can see a key that is there twice.
 */
export function guardMiddleware(protect: Protect): GuardMiddleware {
  return (req, res, next) => {
    admitNode(protect, req, res).then((admitted) => {
      if (admitted) next()
    }, next)
  }
}
