// What the guard costs: one `tools/call` on the MCP SDK bare, behind the SDK's own bearer gate with a cache of verified tokens,
// and behind the guard; in one process and in turns. `npm run bench:guard -- [rounds]`. Trust the ratios, not the microseconds.
import { createMcpHandler, McpServer, requireBearerAuth } from '@modelcontextprotocol/server'
import { guard } from './index.ts'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

type AuthInfo = { token: string; clientId: string; scopes: string[]; expiresAt: number }

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
/** What a careful user of the SDK writes: verified once by jose, then known until it ends. */
const verified = new Map<string, AuthInfo>()
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] })
const gate = requireBearerAuth({
  requiredScopes: ['pets:read'],
  verifier: {
    async verifyAccessToken(given) {
      const known = verified.get(given)
      if (known !== undefined) return known
      const { payload } = await jwtVerify(given, keys, { issuer: ISSUER, audience: RESOURCE, typ: 'at+jwt' })
      const info = { token: given, clientId: 'bench', scopes: ['pets:read'], expiresAt: Number(payload.exp) }
      verified.set(given, info)
      return info
    },
  },
})
const gated = async (request: Request): Promise<Response> => {
  const authInfo = await gate(request)
  return authInfo instanceof Response ? authInfo : mcp.fetch(request, { authInfo })
}
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

const targets = [
  ['bare', mcp.fetch],
  ['gate', gated],
  ['guard', guarded],
] as const
for (const [, serve] of targets) await measure(serve)
const ratios: Record<string, number[]> = { gate: [], guard: [] }
for (let round = 0; round < rounds; round++) {
  const costs: Record<string, number> = {}
  // Each of them comes first in turn, so that none profits from its place.
  for (let turn = 0; turn < targets.length; turn++) {
    const target = targets[(round + turn) % targets.length]
    if (target !== undefined) costs[target[0]] = await measure(target[1])
  }
  const { bare = Number.NaN, gate: behindGate = Number.NaN, guard: behindGuard = Number.NaN } = costs
  ratios['gate']?.push(behindGate / bare)
  ratios['guard']?.push(behindGuard / bare)
  const said = [bare, behindGate, behindGuard].map((cost) => cost.toFixed(0)).join(', ')
  console.log(`round ${round + 1}: bare, gate, guard: ${said} µs of CPU a call`)
}
console.log(`gate/bare=${median(ratios['gate'] ?? []).toFixed(2)}`)
console.log(`guard/bare=${median(ratios['guard'] ?? []).toFixed(2)}`)
