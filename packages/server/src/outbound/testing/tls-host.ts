import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** The certificate authority of the hosts below; its key was thrown away. Trusted by nobody but tests. */
export const TEST_CA = read('ca.pem')

/** A host with https on loopback, for as long as a test runs. */
export interface TlsHost extends AsyncDisposable {
  readonly port: number
  /** `https://localhost:port`; the certificate is also good for `client.localhost`, `other.localhost`, `keys.localhost` and `logo.localhost`. */
  readonly origin: string
  close(): Promise<void>
}

/** Starts a host that stands for those of strangers. Its certificate is valid for `client.example` and `other.example` too. */
export async function startTlsHost(listener: RequestListener): Promise<TlsHost> {
  const server = createServer({ cert: read('host.pem'), key: read('host.key.pem') }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections()))
  return { port, origin: `https://localhost:${port}`, close, [Symbol.asyncDispose]: close }
}
