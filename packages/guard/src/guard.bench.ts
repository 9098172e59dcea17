// What the guard costs: one `tools/call` on the MCP SDK, bare and guarded, in one process and in turns.
// `npm run bench -w @permitry/guard -- [rounds]`. Trust the ratio, not the microseconds.
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { guard } from './index.ts'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { z } from 'zod'

const ISSUER = 'https://auth.example.com'
const RESOURCE = 'https://mcp.example.com/mcp'
const CALLS = 2_000
const rounds = Number(process.argv[2] ?? 7)

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const documents: Record<string, unknown> = {
  [`${ISSUER}/.well-known/oauth-authorization-server`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` },
  [`${ISSUER}/jwks`]: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] },
}
const token = await new SignJWT({ client_id: 'bench', scope: 'pets:read', jti: 'j1', sub: 'bob' })
  .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
  .setIssuer(ISSUER)
  .setAudience(RESOURCE)
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(privateKey)

const input = z.object({ petId: z.string() })
const mcp = createMcpHandler(() => {
  const server = new McpServer({ name: 'bench', version: '1' })
  server.registerTool('show_pet', { inputSchema: input }, ({ petId }) => ({ content: [{ type: 'text', text: petId }] }))
  return server
})
const guarded = guard({
  issuer: ISSUER,
  resource: RESOURCE,
  defaultScopes: [],
  tools: { show_pet: { scope: 'pets:read', input } },
  fetch: async (url) => Response.json(documents[url instanceof Request ? url.url : url.toString()] ?? {}),
})(mcp)

const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'show_pet',
    arguments: { petId: 'fido' },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
})
const headers = {
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  'content-length': String(body.length),
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'show_pet',
}

/** CPU microseconds of one call. */
async function measure(serve: (request: Request) => Promise<Response>): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS; call++) {
    const response = await serve(new Request(RESOURCE, { method: 'POST', headers, body }))
    if (response.status !== 200 || !(await response.text()).includes('fido')) throw new Error('the call failed')
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

await measure(mcp.fetch)
await measure(guarded)
const ratios: number[] = []
for (let round = 1; round <= rounds; round++) {
  const bare = await measure(mcp.fetch)
  const behind = await measure(guarded)
  ratios.push(behind / bare)
  console.log(`round ${round}: bare ${bare.toFixed(0)} µs, guarded ${behind.toFixed(0)} µs of CPU a call`)
}
console.log(`ratio guarded/bare, median of ${rounds} rounds: ${median(ratios).toFixed(2)}`)
