// The guard for node:http, and what the adapters of Express and Fastify stand on. Requests and answers stay Node's own.
import type { RequestListener, ServerResponse } from 'node:http'
import type { Admission } from '../admit.ts'
import type { McpHandler, Protect } from '../guard.ts'
import { observe } from './node-answer.ts'
import { incomingOf, withhold, type GuardedRequest } from './node-request.ts'
import { answerBy } from './node-web.ts'

export type { GuardedRequest } from './node-request.ts'

/** A listener of node:http that finds the caller in `req.auth` and the parsed message in `req.body`. */
type GuardedListener = (req: GuardedRequest, res: ServerResponse) => void | Promise<void>

/**
 * Puts the guard in front of what `createMcpHandler` returns, or of a listener of your own:
 * `createServer(guardListener(protect, handler))`. It is called for what is allowed; everything else the guard answers
 * itself, the metadata included.
 */
export function guardListener(
  protect: Protect,
  handler: Extract<McpHandler, { fetch: unknown }> | GuardedListener,
): RequestListener {
  const answer =
    typeof handler === 'function'
      ? async (req: GuardedRequest, res: ServerResponse) => {
          if (await admitNode(protect, req, res)) await handler(req, res)
        }
      : async (req: GuardedRequest, res: ServerResponse) => {
          const admission = await admit(protect, req, res)
          if (admission) await answerBy(handler.fetch, req, res, admission)
        }
  return (req, res) => {
    answer(req, res).catch((error: unknown) => {
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
  const admission = await admit(protect, req, res)
  if (!admission) return false
  req.auth = admission.authInfo
  req.body = admission.body
  withhold(req, admission.withheld)
  for (const [name, value] of Object.entries(admission.headers)) res.setHeader(name, value)
  observe(res, admission)
  return true
}

async function admit(protect: Protect, req: GuardedRequest, res: ServerResponse): Promise<Admission | undefined> {
  if (req.body !== undefined) throw new TypeError('the guard must come before body parsers such as express.json()')
  const verdict = await protect.admit(incomingOf(req))
  if (verdict.ok) return verdict.value
  const { status, headers } = verdict.error
  res.writeHead(status, Object.fromEntries(headers)).end(await verdict.error.text())
  return undefined
}
