import { createAppClient, type Finished } from '../client.ts'
import { randomText } from '../base64url.ts'
import type { Connection, ConnectRequest } from '../connection.ts'
import { ClientError } from '../errors.ts'
import type { CommonOptions, ToolCall, ToolResult } from '../options.ts'
import type { AuthorizationAsked, Outcome, Refused } from '../outcome.ts'
import { settingsOf } from '../settings.ts'
import { openBrowser } from './browser.ts'
import { listenOnLoopback, type Loopback } from './loopback.ts'

export interface NativeClientOptions extends CommonOptions {
  /** Shows an address to the person; opens their browser unless given. Where there is none, print it. */
  readonly openBrowser?: (url: string) => void | Promise<void>
  /** The path of the redirect URI `http://127.0.0.1:{port}{path}`; `/callback` unless given. */
  readonly callbackPath?: string
  /** How long a person may take; 10 minutes unless given. */
  readonly patienceMs?: number
}

/** Who wants to use which MCP server. A native app has one user unless it says otherwise. */
export interface NativeRequest extends Omit<ConnectRequest, 'user' | 'browser'> {
  readonly user?: string
}

/** The app on a person's own machine: logins happen in place, so outcomes are `done` or `refused`. */
export interface NativeClient {
  connect(request: NativeRequest): Promise<Outcome<Connection>>
  /** Connects and calls one tool. */
  callTool(request: NativeRequest, call: ToolCall): Promise<Outcome<ToolResult>>
  disconnect(request: NativeRequest): Promise<void>
}

/** The client of a native app or command line, RFC 8252: the system's browser, and a listener on loopback. */
export function createNativeClient(options: NativeClientOptions): NativeClient {
  const { callbackPath = '/callback', patienceMs = 10 * 60_000, openBrowser: show = openBrowser } = options
  const browser = randomText()
  const listeners = new Map<string, Loopback>()
  const arrivals = new Map<string, (params: URLSearchParams) => void>()
  const interactions = new WeakMap<AuthorizationAsked, Promise<Refused | undefined>>()

  async function redirectUri(): Promise<string> {
    const loopback = await listenOnLoopback(callbackPath, (params) => arrivals.get(loopback.uri)?.(params))
    listeners.set(loopback.uri, loopback)
    return loopback.uri
  }

  function stopListening(uri: string): void {
    listeners.get(uri)?.close()
    listeners.delete(uri)
  }

  const settings = settingsOf(options, 'native', redirectUri)
  const client = createAppClient({ settings, refreshes: new Map(), interact: interactOnce, abandon: stopListening })

  /** Requests that wait for the same authorization share one walk through the browser. */
  function interactOnce(asked: AuthorizationAsked): Promise<Refused | undefined> {
    const interaction = interactions.get(asked) ?? interact(asked)
    interactions.set(asked, interaction)
    return interaction
  }

  async function interact({ url, missing, description }: AuthorizationAsked): Promise<Refused | undefined> {
    const uri = new URL(url).searchParams.get('redirect_uri') ?? ''
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      const came = new Promise<Finished>((resolve, reject) => {
        const late = new ClientError('login_failed', 'nobody came back from the authorization server in time')
        timer = setTimeout(() => reject(late), patienceMs)
        arrivals.set(uri, (params) => {
          client.finish(params, browser).then((finished) => {
            // Any program on this machine can call the listener: what belongs to no authorization is not an answer.
            if (finished.status === 'authorized' || finished.server !== undefined) resolve(finished)
          }, reject)
        })
      })
      const [finished] = await Promise.all([came, show(url)])
      if (finished.status === 'authorized') return undefined
      if (finished.reason === 'access_denied') return { status: 'refused', reason: 'declined', missing, description }
      throw new ClientError('login_failed', `the authorization response was not taken: ${finished.reason}`)
    } finally {
      clearTimeout(timer)
      arrivals.delete(uri)
      stopListening(uri)
    }
  }

  const withUser = (request: NativeRequest): ConnectRequest => ({ user: 'local', ...request, browser })
  return {
    connect: (request) => client.connect(withUser(request)),
    callTool: (request, call) => client.callTool(withUser(request), call),
    disconnect: ({ user = 'local', server }) => client.disconnect(user, server),
  }
}
