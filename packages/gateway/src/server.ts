import { createServer, type RequestListener, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Milliseconds until somebody who sends a request drop by drop is cut off, and how often that is looked after. */
export interface Patience {
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
}

const PATIENCE: Patience = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }
const MAX_CONNECTIONS = 10_000

/**
 * A server of node:http for `gateway.handle`. It reads HTTP strictly: with two lengths, a length beside chunks, or a bare
 * line feed, two readers could see two requests where there is one, and such a connection ends (RFC 9112 §11.2).
 */
export function createGatewayServer(handle: RequestListener, patience: Patience = PATIENCE): Server {
  const server = createServer({ ...patience, insecureHTTPParser: false, noDelay: true, keepAlive: true }, handle)
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', refuse)
  return server
}

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** A JSON-RPC error here too: to a client that knows two eras a bare 400 would say that the server is an older one. */
function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = STATUSES[error.code ?? ''] ?? '400 Bad Request'
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32600, message: 'the request cannot be read' },
  })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
    // Whoever goes on sending is not waited for.
    () => socket.destroy(),
  )
}
