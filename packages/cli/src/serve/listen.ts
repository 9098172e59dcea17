import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from '../cli-error.ts'

export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** A port that is ours, and whatever answers there at the moment. */
export interface Listener {
  readonly port: number
  handle(handler: NodeHandler): void
  /** Takes no new connection, lets running requests finish, and cuts what is left after `graceMs`. */
  drain(graceMs: number): Promise<void>
}

/** Milliseconds until somebody who sends a request drop by drop is cut off. Ours are small: whoever is honest needs a moment. */
interface Patience {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
}

const PATIENCE: Patience = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }

/** Takes a port before anything else is done, so that a second server changes nothing. Until there is a handler it says 503. */
export async function listen(host: string, port: number, patience = PATIENCE): Promise<Listener> {
  let handler: NodeHandler = (_incoming, outgoing) => void outgoing.writeHead(503, { 'retry-after': '1' }).end()
  const server = createServer({ ...patience }, (incoming, outgoing) => handler(incoming, outgoing))
  return {
    port: await takePort(server, host, port, 'PERMITRY_PORT'),
    handle: (next) => void (handler = next),
    drain: (graceMs) => drain(server, graceMs),
  }
}

/** Lets a server listen; `variable` is what an operator sets to choose another port. */
export async function takePort(server: Server, host: string, port: number, variable: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, host, port, variable)))
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

function explain(error: Error, host: string, port: number, variable: string): Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new CliError(`port ${port} of ${host} is busy: stop what listens there, or set ${variable} to another port`)
  if (code === 'EACCES')
    return new CliError(`port ${port} may not be used by this user: set ${variable} to a port above 1023`)
  if (code === 'EADDRNOTAVAIL') return new CliError(`this machine has no address \`${host}\`: choose another --host`)
  return error
}

/** Takes no new connection, lets running requests finish, and cuts what is left after `graceMs`. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A kept-alive connection is idle only after its last answer, so the idle ones are looked for more than once.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const grace = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(grace)
}
