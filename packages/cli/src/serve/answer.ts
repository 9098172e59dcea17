import { getRequestListener } from '@hono/node-server'
import type { AuthorizationServer } from '@permitry/server'
import type { Log } from './log.ts'
import type { NodeHandler } from './listen.ts'
import type { RemoteAddress } from './remote-address.ts'

const MAX_LOGGED_PATH = 200

/** Hands requests of a socket to the authorization server, and logs each with its path, never with its query. */
export function createAnswer(server: AuthorizationServer, remoteAddress: RemoteAddress, log: Log): NodeHandler {
  const listener = getRequestListener(
    (request, { incoming }) => {
      const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined
      const address = remoteAddress(incoming.socket.remoteAddress, forwardedFor)
      return server.fetch(request, address === undefined ? {} : { remoteAddress: address })
    },
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
