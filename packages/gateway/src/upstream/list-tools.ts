import { Client, SdkError, SdkErrorCode, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

/** A tool as an MCP server describes it. */
export interface ListedTool {
  readonly name: string
  readonly inputSchema: object
}

export interface ListToolsOptions {
  readonly url: string
  readonly headers: () => readonly string[] | Promise<readonly string[]>
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Lists all tools of an MCP server of either era, as the gateway itself: no caller has a part in it. */
export async function listTools(options: ListToolsOptions): Promise<ListedTool[]> {
  try {
    return await listAs('auto', options)
  } catch (error) {
    // Some servers answer the question for their era with a fault, though they speak the older one.
    const isUndecided = error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed
    if (!isUndecided) throw error
    return listAs('legacy', options)
  }
}

async function listAs(
  mode: 'auto' | 'legacy',
  { url, headers, maxBytes, timeoutMs }: ListToolsOptions,
): Promise<ListedTool[]> {
  const [name, value] = await headers()
  const signal = AbortSignal.timeout(timeoutMs)
  const client = new Client({ name: 'permitry-gateway', version: '1' }, { versionNegotiation: { mode } })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: name !== undefined && value !== undefined ? { headers: { [name]: value } } : {},
    fetch: async (input, init) => {
      // A redirect could take the credential elsewhere.
      const signals = [signal, ...(init?.signal ? [init.signal] : [])]
      return bounded(await fetch(input, { ...init, redirect: 'error', signal: AbortSignal.any(signals) }), maxBytes)
    },
  })
  try {
    await client.connect(transport, { timeout: timeoutMs })
    if (client.getServerCapabilities()?.tools === undefined) return []
    return (await client.listTools(undefined, { timeout: timeoutMs })).tools
  } finally {
    // A session that the server opened for this is not left behind.
    await transport.terminateSession().catch(() => {})
    await client.close()
  }
}

function bounded(response: Response, maxBytes: number): Response {
  if (response.body === null) return response
  let size = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.length
      if (size > maxBytes) throw new Error('the answer is too large')
      controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = response
  return new Response(response.body.pipeThrough(limit), { status, statusText, headers })
}
