// For `npm run bench:gateway`: the gateway with token check, rules, conditions and the MCP server's own input schemas.
import { createGateway } from '../gateway.ts'
import { GatewayRules } from '../rules/schema.ts'
import { createGatewayServer } from '../server.ts'
import { ISSUER, issuerFetch, RESOURCE, tokenFor } from '../testing.ts'
import { serveBench } from './serve.ts'

const [url = ''] = process.argv.slice(2)
const { upstreams, ...rules } = GatewayRules.parse({
  version: 1,
  issuer: ISSUER,
  upstreams: [
    {
      id: 'bench',
      resource: RESOURCE,
      default_scopes: ['read'],
      scopes: { write: { implies: ['read'] } },
      tools: {
        show_pet: { scopes: ['read'], arguments: { petId: { matches: 'pet-*' } } },
        change_pet: { scopes: ['write'], when_never: 'explain' },
      },
    },
  ],
})
const gateway = createGateway(
  { ...rules, upstreams: upstreams.map((upstream) => ({ ...upstream, url })) },
  { onError: (error) => console.error(error), fetch: issuerFetch() },
)
const token = await tokenFor({ exp: Math.floor(Date.now() / 1000) + 3600 })
serveBench(createGatewayServer(gateway.handle), { token })
