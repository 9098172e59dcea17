// A tool call as clients of each revision of MCP make it, header by header.
import assert from 'node:assert/strict'

export const REVISIONS = ['2026-07-28', '2025-11-25', '2025-06-18'] as const
export type Revision = (typeof REVISIONS)[number]

export interface Caller {
  readonly url: string
  readonly token: string
  readonly revision: Revision
  /** Sends the agreed version with each request after `initialize`, as it must; one widespread client does not. */
  readonly versionHeader?: boolean
}

/** Calls a tool, after a session was opened where the revision has sessions; the result, or the JSON-RPC error. */
export async function callTool(caller: Caller, name: string): Promise<Record<string, unknown>> {
  const call = { name, arguments: {} }
  if (caller.revision === '2026-07-28') return (await post(caller, 'tools/call', call, modernHeaders(name))).message
  const { revision, versionHeader = true } = caller
  const opened = await post(caller, 'initialize', {
    protocolVersion: revision,
    capabilities: {},
    clientInfo: { name: 'fixture', version: '1' },
  })
  assert.equal((opened.message['result'] as Record<string, unknown>)['protocolVersion'], revision)
  const session = opened.headers.get('mcp-session-id')
  const headers = {
    ...(versionHeader ? { 'mcp-protocol-version': revision } : {}),
    ...(session === null ? {} : { 'mcp-session-id': session }),
  }
  await post(caller, 'notifications/initialized', undefined, headers)
  return (await post(caller, 'tools/call', call, headers)).message
}

function modernHeaders(name: string): Record<string, string> {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name }
}

async function post(
  { url, token, revision }: Caller,
  method: string,
  params: Record<string, unknown> | undefined,
  headers: Record<string, string> = {},
): Promise<{ headers: Headers; message: Record<string, unknown> }> {
  const envelope =
    revision === '2026-07-28'
      ? {
          _meta: {
            'io.modelcontextprotocol/protocolVersion': revision,
            'io.modelcontextprotocol/clientCapabilities': {},
            'io.modelcontextprotocol/clientInfo': { name: 'fixture', version: '1' },
          },
        }
      : {}
  const isNotification = method.startsWith('notifications/')
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      method,
      ...(isNotification ? {} : { id: 1 }),
      ...(params === undefined ? {} : { params: { ...params, ...envelope } }),
    }),
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} got ${response.status}: ${text}`)
  const data = text.split('\n').find((line) => line.startsWith('data:'))
  const json = response.headers.get('content-type')?.startsWith('text/event-stream') ? (data?.slice(5) ?? '') : text
  return { headers: response.headers, message: json === '' ? {} : (JSON.parse(json) as Record<string, unknown>) }
}
