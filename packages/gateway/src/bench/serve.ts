import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Tells the parent process where a server listens, and what it has cost so far whenever it is asked. */
export function serveBench(server: Server, more: object = {}): void {
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, ...more }))
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.on('disconnect', () => process.exit())
}
