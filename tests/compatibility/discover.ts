// How clients find where to sign in (RFC 9728, RFC 8414, OpenID Connect Discovery), with what they check on the way.
import assert from 'node:assert/strict'
import { type ClientFixture, knownOr } from './client.ts'
import type { Revision } from './call.ts'

export interface Discovered {
  /** The `scope` of the 401 challenge. */
  readonly challenged: string | undefined
  readonly resource: string
  readonly resourceScopes: readonly string[]
  readonly server: ServerMetadata
}

/** The members of RFC 8414 that clients read. */
export interface ServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly registration_endpoint?: string
  readonly scopes_supported: readonly string[]
  readonly code_challenge_methods_supported: readonly string[]
  readonly token_endpoint_auth_methods_supported: readonly string[]
  readonly client_id_metadata_document_supported?: boolean
  readonly authorization_response_iss_parameter_supported: boolean
}

/** From the address that a person typed to the metadata of its authorization server. */
export async function discover(client: ClientFixture, mcpUrl: string, revision: Revision): Promise<Discovered> {
  const challenge = await challengeOf(mcpUrl, knownOr(client.firstRequest, 'POST'))
  const version = knownOr(client.discoveryVersion, revision)
  const headers = { accept: 'application/json', ...(version === 'none' ? {} : { 'mcp-protocol-version': version }) }

  const resource = await getJson(challenge['resource_metadata'] ?? '', headers)
  assert.equal(resource['resource'], mcpUrl, 'RFC 9728 §3.3: what the metadata is for is what was asked for')
  const [issuer = ''] = resource['authorization_servers'] as string[]
  const server = (await getJson(
    `${issuer}/.well-known/oauth-authorization-server`,
    headers,
  )) as unknown as ServerMetadata
  assert.equal(server.issuer, issuer, 'RFC 8414 §3.3, byte for byte')
  assert.ok(server.code_challenge_methods_supported.includes('S256'), 'MCP: no PKCE, no connection')
  return {
    challenged: challenge['scope'],
    resource: String(resource['resource']),
    resourceScopes: (resource['scopes_supported'] as string[] | undefined) ?? [],
    server,
  }
}

async function challengeOf(url: string, method: 'POST' | 'GET' | 'HEAD'): Promise<Record<string, string>> {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fixture', version: '1' } },
  }
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify(initialize) } : {}),
  })
  assert.equal(response.status, 401, `${method} without a token`)
  const header = response.headers.get('www-authenticate') ?? ''
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
}

async function getJson(url: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { headers })
  assert.equal(response.status, 200, url)
  return (await response.json()) as Record<string, unknown>
}
