import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The redirect URI of one authorization of a native app, RFC 8252 §7.3: a port of the moment on 127.0.0.1. */
export interface Loopback {
  readonly uri: string
  /** Stops listening; a page that is being delivered still arrives. */
  close(): void
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Done</title>
<p>You can close this window and go back to the app.</p>
</html>
`
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** Listens. What arrives is handed on; the page says the same whatever it was, since anybody on the machine can ask for it. */
export async function listenOnLoopback(path: string, onCallback: (params: URLSearchParams) => void): Promise<Loopback> {
  const server = createServer((request, response) => {
    // Not parsed as an address: any page can make a browser ask for `//`, which is none, and the app would end with it.
    const [asked, ...query] = (request.url ?? '').split('?')
    if (request.method !== 'GET' || asked !== path) return void response.writeHead(404).end()
    response.writeHead(200, HEADERS).end(PAGE)
    onCallback(new URLSearchParams(query.join('?')))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  // Whoever waits for a person keeps the process alive; a listener that nobody waits for must not.
  server.unref()
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    close: () => (server.close(), server.closeIdleConnections()),
  }
}
