// For `npm run bench:guard`: one MCP server of the official SDK three times in one process: bare, behind the SDK's own bearer
// gate with a cache of verified tokens, and behind the guard. Tells its ports and a token, and its CPU time when asked.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer, requireBearerAuth } from '@modelcontextprotocol/server'
import { guard } from '@permitry/guard'
import { guardListener } from '@permitry/guard/node'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** What the SDK takes, but for an optional `method` that Node's type allows to be undefined. */
type NodeHandler = (req: IncomingMessage, res: ServerResponse, body?: unknown) => Promise<void>
type AuthInfo = { token: string; clientId: string; scopes: string[]; expiresAt: number }

const ISSUER = 'https://auth.example.com'
const RESOURCE = 'https://mcp.example.com/mcp'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }
const documents: Readonly<Record<string, object>> = {
  [`${ISSUER}/.well-known/oauth-authorization-server`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` },
  [`${ISSUER}/jwks`]: jwks,
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
  server.registerTool('show_pet', { inputSchema: input }, ({ petId }) => ({
    content: [{ type: 'text', text: `${petId} is Fido` }],
  }))
  return server
})

/** What a careful user of the SDK writes: verified once by jose, then known until it ends. */
const verified = new Map<string, AuthInfo>()
const keys = createLocalJWKSet(jwks)
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

const tools = { show_pet: { scope: 'pets:read', input } }
const fetch = async (url: string | URL | Request): Promise<Response> =>
  Response.json(documents[url instanceof Request ? url.url : url.toString()] ?? {})
const protect = guard({ issuer: ISSUER, resource: RESOURCE, defaultScopes: [], tools, fetch })
const handle = toNodeHandler(mcp) as NodeHandler
const handleGated = toNodeHandler({ fetch: gated }) as NodeHandler
const listeners: Readonly<Record<string, RequestListener>> = {
  bare: (req, res) => void handle(req, res),
  gate: (req, res) => void handleGated(req, res),
  guard: guardListener(protect, mcp),
}

const ports: Record<string, number> = {}
for (const [name, listener] of Object.entries(listeners)) {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  ports[name] = (server.address() as AddressInfo).port
}
process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', () => process.exit())
process.send?.({ ports, token })
