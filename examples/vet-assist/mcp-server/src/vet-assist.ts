import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { guard, type GuardOptions } from '@permitry/guard'
import { openClinic } from './clinic/database.ts'
import type { Clock } from './clinic/time.ts'
import { DEFAULT_SCOPES, SCOPES } from './scopes.ts'
import { TOOLS, toolRules } from './tools/index.ts'
import type { FaultSink } from './tools/tool.ts'

/** How the authorization server knows this MCP server, beside its URL. */
export const IDENTIFIER = 'mcp://vetassist'

export interface VetAssistOptions {
  /** The authorization server, exactly as its metadata writes it. */
  issuer: string
  /** Where clients reach this server, such as `http://localhost:9401/mcp`. */
  url: string
  /** The clinic's SQLite file, made and filled at the first start; `:memory:` keeps nothing. */
  dataFile: string
  /** What this server is known by at the authorization server, which then tells it at once what is taken away. */
  credential?: NonNullable<GuardOptions['credential']>
  clock?: Clock
  /** Fetches the keys of the authorization server. */
  fetch?: typeof fetch
  /** Where faults of tools are told; standard error unless said otherwise. */
  onFault?: FaultSink
}

export interface VetAssist {
  fetch: (request: Request) => Promise<Response>
  /** Resolves when calls are served: with a credential, once it is known what was taken away before. */
  ready: () => Promise<void>
  close: () => Promise<void>
}

/** The clinic's MCP server behind its guard, as a web-standard handler. */
export function createVetAssist(options: VetAssistOptions): VetAssist {
  const { issuer, url, dataFile, clock = Date.now, onFault = (fault) => console.error(fault) } = options
  const clinic = openClinic({ dataFile, issuer, clock })
  const protect = guard({
    issuer,
    resource: url,
    names: [IDENTIFIER],
    defaultScopes: DEFAULT_SCOPES,
    scopes: SCOPES,
    tools: toolRules(clinic),
    clock,
    ...(options.credential && { credential: options.credential }),
    ...(options.fetch && { fetch: options.fetch }),
  })
  const mcp = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: 'vet-assist', title: 'Vet Assist Clinic', version: '0.1.0' },
        { instructions },
      )
      for (const tool of TOOLS) tool.register(server, clinic, onFault)
      return server
    },
    { onerror: (error) => onFault({ id: 'mcp', tool: 'none', error }) },
  )
  return {
    fetch: protect(mcp),
    ready: () => protect.ready(),
    async close() {
      await protect.close()
      await mcp.close()
      clinic.db.close()
    },
  }
}

const instructions =
  'The veterinary clinic of the person you speak for. Call list_pets first: other tools take ids, not names. ' +
  'Times are those of Europe/London and carry their offset. Before a tool that writes, show what it will do and ask. ' +
  'For anything urgent give the emergency number of clinic_info at once.'
