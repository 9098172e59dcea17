import { pageHeaders, serveAsset } from '@permitry/server/html'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Site extends AsyncDisposable {
  origin: string
}

export interface PageRequest {
  method: string
  path: string
  form: URLSearchParams
}

/** A server on loopback that sends what `respond` returns with the real headers, and the real files of the pages. */
export function servePages(respond: (request: PageRequest) => string | undefined): Promise<Site> {
  return listen((incoming, outgoing) => {
    void answer(incoming, outgoing, respond)
  })
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: (request: PageRequest) => string | undefined,
): Promise<void> {
  const path = incoming.url ?? '/'
  const asset = serveAsset(path)
  if (asset !== undefined) {
    outgoing.writeHead(asset.status, Object.fromEntries(asset.headers)).end(await asset.text())
    return
  }
  const form = new URLSearchParams(await text(incoming))
  const markup = respond({ method: incoming.method ?? 'GET', path, form })
  const headers = { 'Content-Type': 'text/html; charset=utf-8', ...pageHeaders() }
  outgoing.writeHead(markup === undefined ? 404 : 200, headers).end(markup)
}

/** A server on loopback with an origin of its own. */
export async function listen(listener: RequestListener): Promise<Site> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
