// A guarded MCP server of the clinic, small enough to see what each answer comes from: on the official SDK of either generation.
import { randomUUID } from 'node:crypto'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { type AuditEvent, decided, guard, type GuardOptions, type HandlerOptions, objectRule } from '@permitry/guard'
import { VET_ASSIST } from '@permitry/testkit'
import { z } from 'zod'

export const READ = 'pet-profile:read'
export const WRITE = 'pet-profile:write'
export const BOOK = 'appointments:write'

interface Pet {
  readonly id: string
  readonly ownerId: string
  readonly name: string
}

const PETS: readonly Pet[] = [
  { id: 'fido', ownerId: 'usr_bob', name: 'Fido' },
  { id: 'misty', ownerId: 'usr_carol', name: 'Misty' },
]

/** What a server has seen and done. */
export interface Observed {
  /** Requests that reached the handler behind the guard. */
  readonly requests: { readonly headers: Record<string, string>; readonly method: string; readonly rest: string }[]
  readonly audit: AuditEvent[]
  /** Names of tools that ran to their end. */
  readonly ran: string[]
}

/** What holds the tool `slow` until a test lets it go. */
interface Gate {
  readonly started: PromiseWithResolvers<void>
  readonly release: PromiseWithResolvers<void>
}

type Serve = (request: Request) => Promise<Response>

const guardOptions = (issuer: string, resource: string, observed: Observed): GuardOptions => {
  const pet = objectRule<Pet>({
    argument: '$.petId',
    type: 'pet',
    load: (id) => PETS.find((one) => one.id === id),
    allow: ({ sub }, { ownerId }) => sub === ownerId,
  })
  return {
    issuer,
    resource,
    names: [VET_ASSIST],
    defaultScopes: [READ],
    scopes: { [WRITE]: { implies: [READ] } },
    tools: {
      clinic_hours: [],
      list_pets: READ,
      show_pet: { scope: READ, input: z.object({ petId: z.string() }), object: pet },
      update_pet: WRITE,
      visit: [WRITE, BOOK],
      explained: { scope: WRITE, whenNever: 'explain' },
      by_region: READ,
      strong: { scope: READ, acr: 'urn:example:mfa' },
      recent: { scope: READ, maxAge: 60 },
      slow: READ,
    },
    resources: { 'pet://{petId}': { scope: READ, object: pet } },
    prompts: { introduce: READ },
    audit: { sink: (event) => void observed.audit.push(event) },
  }
}

/** A guarded server of the SDK's second generation: stateless, and for the session era one request at a time. */
export function modernServer(
  issuer: string,
  resource: string,
  options: { legacy?: 'stateless' | 'reject'; guard?: Partial<GuardOptions> } = {},
): { serve: Serve; observed: Observed } {
  const observed: Observed = { requests: [], audit: [], ran: [] }
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'clinic', version: '1' })
      const text = (name: string, value: string): { content: { type: 'text'; text: string }[] } => {
        observed.ran.push(name)
        return { content: [{ type: 'text', text: value }] }
      }
      const empty = { inputSchema: z.object({}) }
      for (const name of [
        'clinic_hours',
        'list_pets',
        'update_pet',
        'visit',
        'explained',
        'strong',
        'recent',
        'unruled',
      ]) {
        server.registerTool(name, empty, () => text(name, `${name} ran`))
      }
      server.registerTool('show_pet', { inputSchema: z.object({ petId: z.string() }) }, (_, ctx) =>
        text('show_pet', decided<{ object: Pet }>(ctx.http?.authInfo).object.name),
      )
      const region = z.string().meta({ 'x-mcp-header': 'Region' })
      server.registerTool('by_region', { inputSchema: z.object({ region }) }, (args) => text('by_region', args.region))
      server.registerPrompt('introduce', {}, () => ({
        messages: [{ role: 'user', content: { type: 'text', text: 'Fido' } }],
      }))
      return server
    },
    { legacy: options.legacy ?? 'stateless' },
  )
  const protect = guard({ ...guardOptions(issuer, resource, observed), ...options.guard })
  return { serve: protect(observing(observed, (request, given) => handler.fetch(request, given))), observed }
}

/** A guarded server of the first generation, with a session for each client and streams that a client may resume. */
export function sessionServer(issuer: string, resource: string): { serve: Serve; observed: Observed; gate: Gate } {
  const observed: Observed = { requests: [], audit: [], ran: [] }
  const gate = { started: Promise.withResolvers<void>(), release: Promise.withResolvers<void>() }
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>()
  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    })
    const server = new McpServerV1({ name: 'clinic', version: '1' })
    for (const name of ['clinic_hours', 'list_pets', 'update_pet', 'unruled']) {
      server.registerTool(name, {}, () => {
        observed.ran.push(name)
        return { content: [{ type: 'text', text: `${name} ran` }] }
      })
    }
    server.registerTool('slow', {}, async ({ signal }) => {
      gate.started.resolve()
      await gate.release.promise
      observed.ran.push(signal.aborted ? 'slow, cancelled' : 'slow')
      return { content: [] }
    })
    await server.connect(transport as Parameters<typeof server.connect>[0])
    return transport
  }
  const handle = async (request: Request, { authInfo, parsedBody }: HandlerOptions): Promise<Response> => {
    const sessionId = request.headers.get('mcp-session-id')
    const transport = (sessionId === null ? undefined : transports.get(sessionId)) ?? (await open())
    return transport.handleRequest(request, { authInfo, parsedBody })
  }
  return { serve: guard(guardOptions(issuer, resource, observed))(observing(observed, handle)), observed, gate }
}

type Handle = (request: Request, options: HandlerOptions) => Promise<Response>

function observing({ requests }: Observed, handle: Handle): Handle {
  return (request, options) => {
    const headers = Object.fromEntries(request.headers)
    requests.push({ headers, method: request.method, rest: JSON.stringify([request.url, options]) })
    return handle(request, options)
  }
}
