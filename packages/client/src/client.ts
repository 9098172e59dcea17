import { IssuerMismatchError, OAuthError } from '@modelcontextprotocol/client'
import { checkRegisteredRedirectUri, isLoopbackHost } from '@permitry/oauth'
import { type Access, type App, createAccess } from './access.ts'
import { callOnce, type Connection, type ConnectRequest, openConnection } from './connection.ts'
import { ClientError } from './errors.ts'
import {
  checkIss,
  endPending,
  erasePending,
  type Pending,
  pendingOf,
  redeemCode,
  type ResponseFault,
  takePending,
} from './oauth/authorization.ts'
import type { Discovery } from './oauth/discovery.ts'
import { type ClientMetadataDocument, isClientRefused, metadataDocument } from './oauth/registration.ts'
import { revokeTokens } from './oauth/revocation.ts'
import type { TokenRecord } from './oauth/tokens.ts'
import type { ClientOptions, ToolCall, ToolResult } from './options.ts'
import type { Outcome } from './outcome.ts'
import { type Settings, settingsOf } from './settings.ts'
import { rowOf } from './store/keys.ts'
import { removeRow } from './store/store.ts'

/** The app as an OAuth client of MCP servers, for all of its users. */
export interface AppClient {
  /** Connects a user to an MCP server: a connection, or where to send the browser first. */
  connect(request: ConnectRequest): Promise<Outcome<Connection>>
  /** Connects and calls one tool. Unlike a connection's, a call that has to wait for the first login is repeated too. */
  callTool(request: ConnectRequest, call: ToolCall): Promise<Outcome<ToolResult>>
  /**
   * Takes what came back to the redirect URI. `browser` is what `connect` was given for this browser session.
   * Never throws for what a browser can send.
   */
  finish(callback: string | URL | URLSearchParams, browser: string): Promise<Finished>
  /** Ends a user's connection to a server: tokens are deleted here and revoked there. */
  disconnect(user: string, server: string): Promise<void>
  /** Deletes everything that is kept of a user, such as when an account is closed; revokes nothing. */
  forget(user: string): Promise<void>
  /** The client id metadata document, to be served as JSON at `clientMetadataUrl` (MCP Client Registration). */
  metadataDocument(): Promise<ClientMetadataDocument>
}

/** What became of an authorization. */
export type Finished = Authorized | NotAuthorized

export interface Authorized {
  readonly status: 'authorized'
  readonly user: string
  readonly server: string
  readonly context: string | undefined
  readonly scopes: readonly string[]
  /** What was asked for and not given, by the person or by their roles. */
  readonly withheld: readonly string[]
  /** The calls that were interrupted. */
  readonly calls: readonly ToolCall[]
  /** Makes the interrupted calls, in order and once: later uses give the same outcomes. */
  readonly repeat: () => Promise<readonly Outcome<ToolResult>[]>
}

export interface NotAuthorized {
  readonly status: 'not_authorized'
  /**
   * `access_denied` and other codes of RFC 6749 §4.1.2.1 are the authorization server's answer; the rest says why a
   * response was not taken, such as `other_person`: not the `subject` logged in. None of it comes with text to show: an attacker may have written that.
   */
  readonly reason: string
  /** Known when the response belongs to an authorization of this browser. */
  readonly user: string | undefined
  readonly server: string | undefined
  readonly context: string | undefined
}

/** The client of a server-side web app. */
export function createClient(options: ClientOptions): AppClient {
  const { redirectUri } = options
  const applicationType = isLoopback(redirectUri) ? 'native' : 'web'
  const fault =
    typeof redirectUri === 'string' ? checkRegisteredRedirectUri(redirectUri, applicationType) : 'it must be given'
  if (fault !== undefined) throw new ClientError('invalid_options', `\`redirectUri\`: ${fault}`)
  return createAppClient({ settings: settingsOf(options, applicationType, () => redirectUri), refreshes: new Map() })
}

/** A client on settings that are made already. */
export function createAppClient(app: App): AppClient {
  const { settings } = app
  return {
    connect: (request) => openConnection(request, app),
    async callTool(request, call) {
      const [outcome] = await callOnce(request, [call], app)
      return outcome!
    },
    finish: (callback, browser) => finish(paramsOf(callback), browser, app),
    disconnect: (user, server) => disconnect(createAccess({ user, server, context: undefined }, app), settings),
    async forget(user) {
      for (const id of await pendingOf(user, settings)) await erasePending(user, id, settings)
      for (const key of await settings.store.keys(rowOf.user(user))) await settings.store.erase(key)
    },
    metadataDocument: async () => metadataDocument(await settings.redirectUri(), settings),
  }
}

/** Deletes first: a person who disconnects is disconnected here, whatever the authorization server says. */
async function disconnect({ who, oauthFetch }: Access, settings: Settings): Promise<void> {
  const { store } = settings
  const discovery = (await store.read<Discovery>(rowOf.discovery(who.server)))?.value
  if (discovery === undefined) return
  const { issuer, resource } = discovery
  const tokens = await removeRow<TokenRecord>(rowOf.tokens({ user: who.user, issuer, resource }), store)
  // Also what other authorization servers gave for it, before the server moved.
  for (const row of await store.keys(rowOf.tokensOf(who.user))) if (rowOf.isFor(row, resource)) await store.erase(row)
  if (tokens !== undefined) await revokeTokens(tokens, discovery, settings, oauthFetch)
}

async function finish(params: URLSearchParams, browser: string, app: App): Promise<Finished> {
  const taken = await takePending(params, browser, app.settings)
  if (typeof taken === 'string') return notAuthorized(taken)
  try {
    return await finishTaken(params, taken, browser, app)
  } finally {
    await endPending(taken, app.settings)
  }
}

async function finishTaken(params: URLSearchParams, taken: Pending, browser: string, app: App): Promise<Finished> {
  const { settings } = app
  const { user, discovery, context, client } = taken
  const access = createAccess({ user, server: discovery.server, context }, app)
  access.observer.browser('in', `${taken.redirectUri}?${params.toString()}`)
  try {
    checkIss(params, taken)
    const error = params.get('error')
    if (error !== null) return notAuthorized(/^[\w-]{1,64}$/.test(error) ? error : 'malformed', taken)
    const code = params.get('code')
    if (code === null) return notAuthorized('malformed', taken)
    const { tokens, isExpected } = await redeemCode(code, params, taken, settings, access.oauthFetch)
    const isSaved = isExpected && (await saveTokens(tokens, taken, settings))
    if (isSaved) return authorized(tokens, taken, browser, app)
    await revokeTokens(tokens, discovery, settings, access.oauthFetch)
    return notAuthorized(isExpected ? 'unknown_state' : 'other_person', taken)
  } catch (error) {
    if (IssuerMismatchError.isInstance(error)) return notAuthorized('issuer_mismatch', taken)
    await isClientRefused(error, discovery.issuer, client.client_id, settings)
    if (error instanceof OAuthError) return notAuthorized('code_refused', taken)
    throw error
  }
}

/**
 * The newest authorization of a user wins, whatever is refreshed at the same time. False: the user was forgotten while the
 * code was redeemed. The mark ends after the tokens are written, so that forgetting finds one of the two.
 */
async function saveTokens(tokens: TokenRecord, taken: Pending, settings: Settings): Promise<boolean> {
  const { store } = settings
  const { issuer, resource } = taken.discovery
  const row = rowOf.tokens({ user: taken.user, issuer, resource })
  while (!(await store.write(row, await store.read(row), tokens)));
  if (await endPending(taken, settings)) return true
  const stored = await store.read<TokenRecord>(row)
  if (stored?.value.accessToken === tokens.accessToken) await store.remove(row, stored)
  return false
}

function authorized(tokens: TokenRecord, pending: Pending, browser: string, app: App): Authorized {
  const { user, subject, context, discovery, calls, round } = pending
  let repeated: Promise<readonly Outcome<ToolResult>[]> | undefined
  const optional = { ...(context !== undefined && { context }), ...(subject !== undefined && { subject }) }
  const request = { user, server: discovery.server, browser, ...optional }
  return {
    status: 'authorized',
    user,
    server: discovery.server,
    context,
    scopes: tokens.scopes,
    withheld: tokens.withheld,
    calls,
    repeat: () => (repeated ??= callOnce(request, calls, app, round)),
  }
}

function notAuthorized(reason: ResponseFault | (string & {}), pending?: Pending): NotAuthorized {
  const { user, context, discovery } = pending ?? {}
  return { status: 'not_authorized', reason, user, server: discovery?.server, context }
}

function paramsOf(callback: string | URL | URLSearchParams): URLSearchParams {
  if (callback instanceof URLSearchParams) return callback
  // Only the query is of interest. Frameworks give paths, and a browser can send one that is no address, such as `//[`.
  const [, query = ''] = /^[^?#]*\?([^#]*)/.exec(String(callback)) ?? []
  return new URLSearchParams(query)
}

function isLoopback(uri: string): boolean {
  return URL.canParse(uri) && isLoopbackHost(new URL(uri).hostname)
}
