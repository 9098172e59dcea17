import type { CallToolResult, Client, ClientOptions as McpOptions } from '@modelcontextprotocol/client'
import { parseResource } from '@permitry/oauth'
import { ClientError } from './errors.ts'
import type { Network } from './net/network.ts'
import type { ObservedMessage } from './observe/message.ts'
import type { Rows } from './store/rows.ts'

/** A client that somebody registered for the app at an authorization server. Its credentials go nowhere else. */
export interface Registration {
  /** Exactly as the metadata of the authorization server writes it. */
  readonly issuer: string
  readonly clientId: string
  /** Left out by public clients. */
  readonly clientSecret?: string
}

/** What a person is asked before a token is widened. */
export interface StepUp {
  readonly user: string
  readonly server: string
  readonly context: string | undefined
  /** What the token lacks. */
  readonly missing: readonly string[]
  /** What would be asked for: all that the token has, and what it lacks. */
  readonly scopes: readonly string[]
  /** The calls that wait for it. */
  readonly calls: readonly ToolCall[]
  /** What the server says about it: text of a stranger, to be shown as such or not at all. */
  readonly description: string | undefined
}

/** A call of a tool, as MCP names its parts. */
export interface ToolCall {
  readonly name: string
  readonly arguments?: Record<string, unknown>
}

export type ToolResult = CallToolResult

/** What every kind of app says about itself. */
export interface CommonOptions {
  /** Shown on consent pages where the app registers itself, and told to MCP servers. */
  readonly name: string
  /** Told to MCP servers. */
  readonly version?: string
  readonly network: Network
  /** Clients that were registered for this app. They come before every other way to become a client. */
  readonly registrations?: readonly Registration[]
  /** The https address of the app's client id metadata document, for authorization servers that take one. */
  readonly clientMetadataUrl?: string
  /** Allows RFC 7591 registration, where nothing else makes the app a client. */
  readonly dynamicRegistration?: boolean
  /** Asks for `offline_access` where the authorization server lists it; true unless said otherwise. Permitry does not need it. */
  readonly offlineAccess?: boolean
  /** Speaks with servers of MCP 2025-03-26, which have no metadata and whose authorization servers may prove no PKCE. */
  readonly legacyServers?: boolean
  /** Asked before an authorization for more scopes is begun; false refuses the call. */
  readonly onStepUp?: (stepUp: StepUp) => boolean | Promise<boolean>
  /** Told every OAuth and MCP message, with secrets masked. Must not throw. */
  readonly onMessage?: (message: ObservedMessage) => void
  /** Options of the official client, such as its capabilities. */
  readonly mcp?: McpOptions
  /** Given each official client before it connects, to set its handlers. */
  readonly onClient?: (mcp: Client, who: { readonly user: string; readonly server: string }) => void
  /** Where connections are kept, with the 32 bytes that seal them (or several: the first seals, all open). Memory unless given. */
  readonly store?: { readonly rows: Rows; readonly key: Uint8Array | readonly Uint8Array[] }
  readonly now?: () => number
}

/** A server-side web app. */
export interface ClientOptions extends CommonOptions {
  /** Where authorization servers send browsers back to. Exact: https, or http on loopback. */
  readonly redirectUri: string
}

/** Fails at start, with the fix, rather than at the first login. */
export function checkOptions(options: CommonOptions): void {
  const fail = (message: string): never => {
    throw new ClientError('invalid_options', message)
  }
  // From JavaScript an option may also be missing, and an unset variable of the environment is one.
  if (typeof options.name !== 'string' || options.name === '') fail('`name` must name the app')
  if (typeof options.network?.fetch !== 'function') fail('`network` must be given: `nodeNetwork()` on Node')
  if (options.store !== undefined && typeof options.store.rows?.replace !== 'function')
    fail('`store.rows` must be given: `sqliteRows(file)`, `memoryRows()`, or rows of your own')
  const registrations = options.registrations ?? []
  for (const { issuer, clientId, clientSecret } of registrations) {
    if (!parseResource(issuer).ok) fail(`the issuer \`${issuer}\` of a registration must be a URL`)
    if (!clientId) fail(`the registration at \`${issuer}\` needs a \`clientId\``)
    if (clientSecret === '')
      fail(`the secret at \`${issuer}\` is empty: leave \`clientSecret\` out for a public client`)
    if (registrations.filter((other) => other.issuer === issuer).length > 1)
      fail(`there are two registrations at \`${issuer}\`: leave one`)
  }
  const url = options.clientMetadataUrl
  if (url !== undefined && !(URL.canParse(url) && new URL(url).protocol === 'https:' && new URL(url).pathname !== '/'))
    fail('`clientMetadataUrl` must be an https URL with a path')
}
