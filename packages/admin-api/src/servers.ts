import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { AllOrScopes, Id, Name, q, ScopeList, ScopeName, Text, Time } from './wire.ts'

const Uri = z.string().min(1, 'write a URI').max(2048, 'shorten it to 2048 characters')
const Risk = z.enum(['read', 'write', 'destructive'])

const Scope = z.strictObject({
  name: ScopeName.describe('What tokens carry.'),
  title: Name.describe('What the consent page says, in the words of the person who reads it.'),
  description: Text.default('').describe('One more sentence for the consent page.'),
  risk: Risk.describe('The consent page marks what writes or destroys.'),
  implies: ScopeList.default([]).describe('Scopes of the same server that the holder of this one also has.'),
  is_default: z.boolean().default(false).describe('What a request without `scope` asks for.'),
})

const Tool = z.strictObject({
  name: Name.describe('The name of the tool in MCP.'),
  title: Name.describe('What the consent page calls it.'),
  scopes: ScopeList.describe('All scopes that one call needs.'),
})

/** An MCP server as it is put. */
const ServerInput = z.strictObject({
  identifier: Uri.describe('The resource of RFC 8707, for example `mcp://vetassist`.'),
  name: Name.describe('What people read.'),
  urls: z.array(Uri).max(50).default([]).describe('Further names of this resource.'),
  claims: z
    .array(z.enum(['roles']))
    .max(1)
    .default([])
    .describe('What its tokens say beyond the standard claims.'),
  access_token_seconds: z.int().min(60).max(3600).nullable().default(null).describe('Null leaves it to Permitry.'),
  dynamic_client_scopes: AllOrScopes.default('all').describe('What clients that registered themselves may ask for.'),
  scopes: z.array(Scope).max(500).default([]).describe('In the order in which the consent page shows them.'),
  tools: z.array(Tool).max(1000).default([]).describe('A copy of the tool rules. The MCP server enforces its own.'),
})

const Server = z.object({ id: z.string(), ...ServerInput.shape })

/** An MCP server in a list. */
const ListedServer = z.object({
  id: z.string(),
  identifier: z.string(),
  name: z.string(),
  urls: z.array(z.string()),
  scopes: z.array(z.object({ name: z.string(), title: z.string(), risk: Risk })),
})

const FoundTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  annotations: z.object({ readOnlyHint: z.boolean().optional(), destructiveHint: z.boolean().optional() }).optional(),
})

/** What stands at a URL. Everything that is not `state` is the other side's word. */
const Inspection = z.object({
  state: z.enum(['open', 'protected', 'unreachable', 'not_mcp']),
  name: z.string().nullable(),
  detail: z.string().nullable().describe('What is in the way, when it is not open.'),
  authorization_servers: z.array(z.string()).describe('Where a protected server sends people to sign in.'),
  tools: z.array(FoundTool),
  proposal: z
    .object({
      scopes: z.array(z.object({ name: z.string(), title: z.string(), risk: Risk, is_default: z.boolean() })),
      tools: z.array(z.object({ name: z.string(), title: z.string(), scopes: z.array(z.string()) })),
    })
    .describe('Scopes that would fit the tools. Nothing of it counts before it is put.'),
})

const accessToken = z.string().min(1).max(16_384).optional().describe('For a server that wants one; it is not kept.')

const Facts = z.record(z.string(), z.unknown()).nullable()

const Catalogue = z.object({
  version: z.int(),
  entries: z.array(
    z.object({
      kind: z.enum(['tool', 'prompt', 'resource']),
      name: z.string(),
      title: z.string(),
      description: z.string(),
      annotations: z.record(z.string(), z.boolean()),
      scopes: z.array(z.string()).nullable().describe('Null where nobody has said yet what a call needs.'),
      rule: z.record(z.string(), z.unknown()),
      source: z.enum(['declared', 'guard', 'import']),
    }),
  ),
  changes: z.array(
    z.object({
      version: z.int(),
      kind: z.enum(['tool', 'prompt', 'resource', 'scope']),
      name: z.string(),
      at: Time,
      source: z.enum(['apply', 'guard', 'import']),
      before: Facts,
      after: Facts,
    }),
  ),
})

/** How one client is told of an MCP server. */
const ClientLines = z.object({
  client: z.string(),
  name: z.string(),
  note: z.string().optional(),
  steps: z.array(z.object({ kind: z.enum(['run', 'file', 'do']), text: z.string(), file: z.string().optional() })),
})

export const serversOperations = [
  defineOperation({
    id: 'servers.list',
    method: 'GET',
    path: '/servers',
    scope: 'servers:read',
    summary: 'List MCP servers, in the order of their ids.',
    query: z.strictObject({ q }),
    response: ListedServer,
    paginated: true,
  }),
  defineOperation({
    id: 'servers.get',
    method: 'GET',
    path: '/servers/{id}',
    scope: 'servers:read',
    summary: 'Read an MCP server with its scopes and tools.',
    response: Server,
    etag: true,
  }),
  defineOperation({
    id: 'servers.put',
    method: 'PUT',
    path: '/servers/{id}',
    scope: 'servers:write',
    summary: 'Register an MCP server, or replace what is known about it. Tokens with a scope that goes are revoked.',
    params: z.object({ id: Id }),
    body: ServerInput,
    response: Server,
    etag: true,
  }),
  defineOperation({
    id: 'servers.delete',
    method: 'DELETE',
    path: '/servers/{id}',
    scope: 'servers:write',
    summary: 'Remove an MCP server with its scopes and tools. What was granted for it ends.',
    etag: true,
  }),
  defineOperation({
    id: 'servers.inspect',
    method: 'POST',
    path: '/servers/inspect',
    scope: 'servers:write',
    summary: 'Look at what stands at a URL by connecting to it, and propose scopes for its tools.',
    body: z.strictObject({ url: Uri, access_token: accessToken }),
    response: Inspection,
  }),
  defineOperation({
    id: 'servers.import',
    method: 'POST',
    path: '/servers/{id}/import',
    scope: 'servers:write',
    summary: 'Connect to an MCP server and take over what its tools say of themselves. What they need stays as it is.',
    body: z.strictObject({ access_token: accessToken }),
    response: z.object({ changed: z.boolean(), tools: z.int() }),
  }),
  defineOperation({
    id: 'servers.catalogue',
    method: 'GET',
    path: '/servers/{id}/catalogue',
    scope: 'servers:read',
    summary: 'Read what an MCP server offers, and what became different after a version of it.',
    query: z.strictObject({ since: z.coerce.number().int().min(0).default(0).describe('A version of the catalogue.') }),
    response: Catalogue,
  }),
  defineOperation({
    id: 'servers.connect',
    method: 'GET',
    path: '/servers/{id}/connect',
    scope: 'servers:read',
    summary: 'Read what to run or paste so that known MCP clients find a server.',
    response: z.object({ url: z.string(), clients: z.array(ClientLines) }),
  }),
] as const
