import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createGateway, createGatewayServer, type Gateway, GatewayRules } from '@permitry/gateway'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** What a file of rules may say of one MCP server; `id` and `resource` are given. */
type Upstream = Readonly<Record<string, unknown>>

export interface RunningGateway extends AsyncDisposable {
  /** Where clients reach the MCP server. */
  readonly url: string
  readonly errors: readonly Error[]
  /** Begins to answer; before, nothing is known but the address. */
  serve(issuer: string, upstream: Upstream): Gateway
}

/** Takes a port first, because the authorization server has to know the address. */
export async function startGateway(): Promise<RunningGateway> {
  let gateway: Gateway | undefined
  const errors: Error[] = []
  const server = createGatewayServer((req, res) => gateway?.handle(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://localhost:${(server.address() as AddressInfo).port}/mcp`
  return {
    url,
    errors,
    serve(issuer, upstream) {
      const rules = GatewayRules.parse({
        version: 1,
        issuer,
        upstreams: [{ id: 'foreign', resource: url, ...upstream }],
      })
      const upstreams = rules.upstreams.map((one) => ({ ...one, url: one.url ?? '' }))
      gateway = createGateway({ ...rules, upstreams }, { onError: (error) => void errors.push(error) })
      return gateway
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await gateway?.close()
    },
  }
}

/** The official client with a token, as a host app has it. */
export async function connectClient(url: string, token: string, mode: 'auto' | 'legacy' = 'auto'): Promise<Client> {
  const client = new Client({ name: 'permitry-tests', version: '1' }, { versionNegotiation: { mode } })
  const headers = { authorization: `Bearer ${token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  return client
}
