import { getRequestListener } from '@hono/node-server'
import type { AuthorizationServer } from '@permitry/server'
import type { Log } from './log.ts'
import type { NodeHandler } from './listen.ts'

const MAX_LOGGED_PATH = 200

/** Hands requests of a socket to the authorization server, and logs each with its path, never with its query. */
export function createAnswer(server: AuthorizationServer, log: Log): NodeHandler {
  const listener = getRequestListener(
    (request, { incoming }) => server.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
    { overrideGlobalObjects: false },
  )
  return (incoming, outgoing) => {
    const startedAt = performance.now()
    outgoing.once('close', () =>
      log.info('request', {
        method: incoming.method,
        path: incoming.url?.split('?', 1)[0]?.slice(0, MAX_LOGGED_PATH),
        status: outgoing.writableFinished ? outgoing.statusCode : undefined,
        milliseconds: Math.round(performance.now() - startedAt),
        requestId: outgoing.getHeader('x-request-id')?.toString(),
      }),
    )
    void listener(incoming, outgoing)
  }
}
