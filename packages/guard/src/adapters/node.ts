// The guard for node:http, and what the adapters of Express and Fastify stand on. Requests and answers stay Node's own.
import type { RequestListener, ServerResponse } from 'node:http'
import type { Protect } from '../guard.ts'
import { observe } from './node-answer.ts'
import { incomingOf, withhold, type GuardedRequest } from './node-request.ts'

export type { GuardedRequest } from './node-request.ts'

/**
 * Puts the guard in front of a listener: `createServer(guardListener(protect, (req, res) => …))`. The listener is called
 * for what is allowed, with `req.auth` and `req.body`; everything else the guard answers itself, the metadata included.
 */
export function guardListener(
  protect: Protect,
  listener: (req: GuardedRequest, res: ServerResponse) => void | Promise<void>,
): RequestListener {
  return (req, res) => {
    admitNode(protect, req, res)
      .then((admitted) => (admitted ? listener(req, res) : undefined))
      .catch((error: unknown) => {
        // A client that has gone is no fault, and nobody is there to be told.
        if (!req.destroyed) console.error(error)
        if (res.headersSent) res.destroy()
        else res.writeHead(500, { 'content-type': 'application/json' }).end(INTERNAL_ERROR)
      })
  }
}

const INTERNAL_ERROR = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32603, message: 'Internal error' } })

/** Asks the guard about a request: true when it may go on, changed as the guard wants it; otherwise it is answered. */
export async function admitNode(protect: Protect, req: GuardedRequest, res: ServerResponse): Promise<boolean> {
  if (req.body !== undefined) throw new TypeError('the guard must come before body parsers such as express.json()')
  const verdict = await protect.admit(incomingOf(req))
  if (!verdict.ok) {
    const { status, headers } = verdict.error
    res.writeHead(status, Object.fromEntries(headers)).end(await verdict.error.text())
    return false
  }
  const { authInfo, body, withheld, headers } = verdict.value
  req.auth = authInfo
  req.body = body
  withhold(req, withheld)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  observe(res, verdict.value)
  return true
}
