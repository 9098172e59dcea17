// A guarded MCP server in a process of its own, for bench/revocation.ts: told by its parent what to guard, and tells its port.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Credential, guard } from '@permitry/guard'
import { guardListener } from '@permitry/guard/node'

/** What the parent says. */
export interface Guarded {
  readonly issuer: string
  readonly credential: Credential
  readonly resource: string
  readonly names: readonly string[]
  readonly scope: string
}

process.once('message', (message) => {
  const { issuer, credential, resource, names, scope } = message as Guarded
  const protect = guard({ issuer, credential, resource, names, defaultScopes: [scope], tools: { list_pets: scope } })
  const server = createServer(
    guardListener(protect, (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [] } }))
    }),
  )
  server.listen(0, 'localhost', () => process.send?.((server.address() as AddressInfo).port))
  process.once('disconnect', () => {
    server.close()
    server.closeAllConnections()
    void protect.close()
  })
})
