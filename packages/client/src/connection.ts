import { Client, type RequestOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { missingScopes } from '@permitry/oauth'
import { type Access, type App, createAccess } from './access.ts'
import { askFor } from './asking.ts'
import { ClientError } from './errors.ts'
import { NO_NEED } from './need.ts'
import type { ToolCall, ToolResult } from './options.ts'
import type { Outcome } from './outcome.ts'
import { createRunner, type Runner } from './runner.ts'

/** Who wants to use which MCP server, and through which browser. */
export interface ConnectRequest {
  /** An id that never changes and is never given to somebody else; no name, no address. */
  readonly user: string
  /** The URL of the MCP server. */
  readonly server: string
  /** Anything that only this browser session knows, such as its session id: the response must come back to it. */
  readonly browser: string
  /**
   * The `sub` of this user at the authorization server, where the app knows it from its own sign-in. Then nobody else can
   * log in for the user, such as a person before them at the same browser. Without an ID token nobody is believed to have.
   */
  readonly subject?: string
  /** Given back by `finish` and with every observed message, such as the id of a conversation. */
  readonly context?: string
}

/** What the tokens of a connection allow. Nothing here is a secret. */
export interface Authorization {
  readonly scopes: readonly string[]
  /** What was asked for and not given, by the person or by their roles. */
  readonly withheld: readonly string[]
  readonly expiresAt: number | undefined
}

/** A user's connection to an MCP server. */
export interface Connection {
  /** The official client. Its requests throw `AuthorizationNeeded` or the SDK's errors where `run` gives an outcome. */
  readonly mcp: Client
  /** Calls a tool. Calls that run at the same time and need an authorization wait for one and the same. */
  callTool(call: ToolCall, options?: RequestOptions): Promise<Outcome<ToolResult>>
  /** Any other request. It is not repeated after an authorization: connect again and repeat it. */
  run<T>(work: (mcp: Client) => Promise<T>): Promise<Outcome<T>>
  /**
   * Begins an authorization for more scopes because a person wants it, such as one who changed their mind: nobody is
   * asked whether it is meant. `done` when the token has them already.
   */
  authorize(scopes: readonly string[]): Promise<Outcome<Authorization | undefined>>
  /** What the tokens allow; undefined before the first login. */
  authorization(): Promise<Authorization | undefined>
  close(): Promise<void>
}

/** What led to a connection. */
export interface Cause {
  /** Calls that it is opened for, to be repeated if somebody has to log in first. */
  readonly calls?: readonly ToolCall[]
  /** How many authorizations led to it. */
  readonly round?: number
}

/** Opens a connection to an MCP server, in the newest revision of MCP that both sides speak. */
export async function openConnection(
  request: ConnectRequest,
  app: App,
  { calls = [], round = 0 }: Cause = {},
): Promise<Outcome<Connection>> {
  checkRequest(request)
  const access = createAccess({ user: request.user, server: request.server, context: request.context }, app)
  const mcp = createMcpClient(access, app)
  const run = createRunner(request, access, app, round)
  const opened = await run(() => mcp.connect(createTransport(request.server, access)), calls)
  return opened.status === 'done'
    ? { status: 'done', result: createConnection(request, mcp, run, access, app) }
    : opened
}

/** An empty id would be shared by all who have none, so it is a fault of the app and not a user. */
function checkRequest({ user, browser, server }: ConnectRequest): void {
  for (const [name, value] of Object.entries({ user, browser, server }))
    if (typeof value !== 'string' || value === '')
      throw new ClientError('invalid_options', `\`${name}\` must be a text that is not empty`)
  if (!URL.canParse(server)) throw new ClientError('invalid_options', `\`server\` must be a URL, and is \`${server}\``)
}

/** Opens a connection for calls, makes them at the same time, and closes it. */
export async function callOnce(
  request: ConnectRequest,
  calls: readonly ToolCall[],
  app: App,
  round = 0,
): Promise<readonly Outcome<ToolResult>[]> {
  if (calls.length === 0) return []
  const opened = await openConnection(request, app, { calls, round })
  if (opened.status !== 'done') return calls.map(() => opened)
  try {
    return await Promise.all(calls.map((call) => opened.result.callTool(call)))
  } finally {
    await opened.result.close()
  }
}

function createConnection(request: ConnectRequest, mcp: Client, run: Runner, access: Access, app: App): Connection {
  return {
    mcp,
    callTool: (call, options) => run(() => mcp.callTool(call, options), [call]),
    run: (work) => run(() => work(mcp), []),
    async authorize(scopes) {
      const authorization = await authorizationOf(access)
      if (authorization !== undefined && missingScopes(scopes, authorization.scopes).length === 0)
        return { status: 'done', result: authorization }
      const asked = await askFor({ ...NO_NEED, reason: 'step-up', scopes }, request, access, app)
      if (asked.status === 'refused' || app.interact === undefined) return asked
      return (await app.interact(asked)) ?? { status: 'done', result: await authorizationOf(access) }
    },
    authorization: () => authorizationOf(access),
    close: () => mcp.close(),
  }
}

async function authorizationOf(access: Access): Promise<Authorization | undefined> {
  const tokens = await access.tokens()
  return tokens && { scopes: tokens.scopes, withheld: tokens.withheld, expiresAt: tokens.expiresAt }
}

function createMcpClient(access: Access, { settings }: App): Client {
  const mcp = new Client(
    { name: settings.name, version: settings.version },
    { versionNegotiation: { mode: 'auto' }, ...settings.mcp, responseCacheStore: access.cache },
  )
  settings.onClient?.(mcp, access.who)
  return mcp
}

function createTransport(server: string, access: Access): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(server), {
    authProvider: access.provider,
    fetch: access.mcpFetch,
    onInsufficientScope: 'throw',
  })
}
