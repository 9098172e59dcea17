// The smallest protected MCP server; the README quotes it.
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { guard } from '@permitry/guard'
import { z } from 'zod'

const protect = guard({
  issuer: 'http://localhost:9400',
  resource: 'http://localhost:9500/mcp',
  defaultScopes: ['notes:read'],
  tools: { list_notes: 'notes:read' }, // a tool that is not named here is refused, and not listed
})

export const fetch = protect(
  createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('list_notes', { inputSchema: z.object({}) }, () => ({ content: [] }))
    return server
  }),
)
