// A way between a guard and its authorization server that a test can cut: nothing gets through then, and nobody is told.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Proxy {
  readonly origin: string
  /** Where connections go from now on. */
  leadTo(origin: string): void
  /** From now on every byte is dropped, in connections that are open and in new ones. */
  cut(): void
  /** Ends what was cut, as the ends of a broken way do when they notice, and lets new connections through. */
  heal(): void
  close(): Promise<void>
}

export async function createProxy(): Promise<Proxy> {
  let target: URL | undefined
  let isCut = false
  const sockets = new Set<Socket>()
  const server = createServer((inner) => {
    if (target === undefined) return void inner.destroy()
    const outer = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (isCut || to.write(bytes)))
      from.on('close', () => {
        sockets.delete(from)
        if (!isCut) to.destroy()
      })
      // Whatever breaks is closed, which is told above.
      from.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const endAll = (): void => sockets.forEach((socket) => void socket.destroy())
  return {
    origin: `http://127.0.0.1:${port}`,
    leadTo: (origin) => void (target = new URL(origin)),
    cut: () => void (isCut = true),
    heal() {
      endAll()
      isCut = false
    },
    close: () => new Promise((resolve) => (server.close(() => resolve()), endAll())),
  }
}
