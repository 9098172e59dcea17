import { createGateway, createGatewayServer, GatewayRules } from '@permitry/gateway'
import type { AddressInfo } from 'node:net'
import { type Front, SCOPE } from './fronts.ts'

/** The gateway, as an operator has it: a process of its own in front of a server that knows nothing of it. */
export const gatewayFront: Front = async ({ url, offers }, { issuer }) => {
  const server = createGatewayServer((req, res) => gateway.handle(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  const rules = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { scopes: [SCOPE] }]))
  const { upstreams, ...rest } = GatewayRules.parse({
    version: 1,
    issuer,
    upstreams: [
      {
        id: 'fixture',
        resource,
        default_scopes: [SCOPE],
        tools: rules(offers.tools),
        prompts: rules(offers.prompts),
        resources: rules(offers.resources),
        tasks: offers.tasks,
      },
    ],
  })
  const onError = (error: Error) => console.error(error)
  const gateway = createGateway({ ...rest, upstreams: upstreams.map((one) => ({ ...one, url })) }, { onError })
  return {
    url: resource,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await gateway.close()
    },
  }
}
