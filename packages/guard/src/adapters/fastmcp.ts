import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { McpHandler } from '../guard.ts'
import { isRecord } from '../message.ts'
import type { AuthInfo } from '../types.ts'

/** What tools of fastmcp find as `context.session`: `new FastMCP<FastMcpSession>({ … })`, then `decided(context.session)`. */
export type FastMcpSession = Pick<AuthInfo, keyof AuthInfo>

/** The part of a `FastMCP` that is needed. */
export interface FastMcpServer {
  connect(transport: Transport, session: FastMcpSession): Promise<{ close(): Promise<void> }>
}

/**
 * A server of fastmcp as an MCP handler: `protect(fastMcpHandler(server))`. Do not call `server.start()`: that would open a
 * port without the guard, and its `authenticate` hook sees neither the tool nor the answer. Each request is served by a
 * session of its own, so that a tool gets the decision of its own call; what needs a lasting session, such as sampling
 * and elicitation, is not there.
 */
export function fastMcpHandler(server: FastMcpServer): McpHandler {
  return async (request, { authInfo, parsedBody }) => {
    const transport = new OneRequestTransport({})
    const connected = server.connect(transport as Transport, { ...authInfo })
    if (!isRecord(parsedBody) || parsedBody['method'] !== 'initialize') transport.introduce()
    const response = await transport.handleRequest(request, { authInfo, parsedBody })
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const sent = response.body?.pipeTo(writable, { signal: request.signal })
    // Not before it has connected: fastmcp would keep a session that is closed earlier.
    void Promise.allSettled([connected, sent]).then(async ([opened]) => {
      if (opened.status === 'fulfilled') await opened.value.close()
    })
    return new Response(sent === undefined ? null : readable, response)
  }
}

const INTRODUCTION = 'permitry-introduction'

/** fastmcp waits a second for a client to introduce itself, in every session: so each begins with an introduction. */
class OneRequestTransport extends WebStandardStreamableHTTPServerTransport {
  introduce(): void {
    this.onmessage?.({
      jsonrpc: '2.0',
      id: INTRODUCTION,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'permitry', version: '1' } },
    })
  }

  override async send(...sent: Parameters<WebStandardStreamableHTTPServerTransport['send']>): Promise<void> {
    const [message] = sent
    if ('id' in message && message.id === INTRODUCTION) return
    await super.send(...sent)
  }
}
