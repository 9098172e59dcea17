// A small internet without sockets: an MCP server, and authorization servers that do what a test tells them to do wrong.
import { type AppClient, type ClientOptions, createClient, type Network, webNetwork } from '@permitry/client'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { AuthorizationServer } from './authorization-server.ts'

export const SERVER = 'https://mcp.example/mcp'
export const REDIRECT_URI = 'https://app.example/callback'

/** A request that somebody on this internet got. */
export interface Seen {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: string
  /** The body as a form. */
  readonly form: URLSearchParams
}

/** What the MCP server of a world does; change it in the middle of a test. */
export interface ServerSettings {
  /** The issuer whose tokens it takes, and which its metadata names. */
  issuer: string
  /** Named before that one. */
  otherIssuers: readonly string[]
  /** Where its metadata is, and whether the challenge says so. */
  metadataAt: 'challenge' | 'path' | 'root' | 'nowhere'
  resource: string
  scopesSupported: readonly string[] | undefined
  /** In the challenge to a request without token. */
  challengeScope: string | undefined
  /** What each tool needs. */
  tools: Record<string, string>
  /** Never satisfied, whatever a token has. */
  stubborn: boolean
  /** Tokens whose scopes it does not see yet. */
  stale: readonly string[]
  /** Parameters of a challenge for a stronger login, RFC 9470, that tools answer with. */
  strongerLogin: string | undefined
}

export class World {
  readonly seen: Seen[] = []
  readonly settings: ServerSettings
  readonly #servers = new Map<string, AuthorizationServer>()

  constructor(settings: Partial<ServerSettings> = {}) {
    const { origin } = this.addAuthorizationServer('https://as.example')
    this.settings = {
      issuer: origin,
      otherIssuers: [],
      metadataAt: 'challenge',
      resource: SERVER,
      scopesSupported: undefined,
      challengeScope: 'read',
      tools: { read: 'read', write: 'write', erase: 'erase' },
      stubborn: false,
      stale: [],
      strongerLogin: undefined,
      ...settings,
    }
  }

  /** The authorization server that guards the MCP server now. */
  get as(): AuthorizationServer {
    const found = this.#guardian()
    if (found === undefined) throw new Error(`nobody issues for ${this.settings.issuer}`)
    return found
  }

  #guardian(): AuthorizationServer | undefined {
    return [...this.#servers.values()].find(({ issuer }) => issuer === this.settings.issuer)
  }

  addAuthorizationServer(issuer: string): AuthorizationServer {
    const server = new AuthorizationServer(issuer)
    this.#servers.set(server.origin, server)
    return server
  }

  get network(): Network {
    return webNetwork((url, init) => this.#answer(new Request(url, init)))
  }

  /** An app with a user, on this internet. It registers itself unless a test says otherwise. */
  app(options: Partial<ClientOptions> = {}): AppClient {
    return createClient({
      name: 'Test app',
      redirectUri: REDIRECT_URI,
      network: this.network,
      dynamicRegistration: true,
      ...options,
    })
  }

  /** The requests that a path got. */
  to(path: string, host?: string): Seen[] {
    return this.seen.filter(({ url }) => url.pathname === path && (host === undefined || url.host === host))
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const body = await request.clone().text()
    this.seen.push({ url, method: request.method, headers: request.headers, body, form: new URLSearchParams(body) })
    if (url.host === new URL(SERVER).host) return this.#mcpServer(request, url)
    const server = this.#servers.get(url.origin)
    if (server === undefined) throw new TypeError(`there is no ${url.host} on this internet`)
    return server.answer(request, url)
  }

  async #mcpServer(request: Request, url: URL): Promise<Response> {
    const { metadataAt, issuer, otherIssuers, resource, scopesSupported } = this.settings
    const places = { challenge: '/somewhere/prm.json', path: PRM_PATH, root: PRM_ROOT, nowhere: '' }
    if (url.pathname === places[metadataAt])
      return Response.json({
        resource,
        authorization_servers: [...otherIssuers, issuer],
        ...(scopesSupported && { scopes_supported: scopesSupported }),
      })
    if (url.pathname !== new URL(SERVER).pathname) return new Response(null, { status: 404 })
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? []
    const scopes = this.#guardian()?.scopesOf(token)
    if (scopes === undefined) return this.#challenge(401, this.settings.challengeScope)
    const { method, params } = (await request.clone().json()) as { method: string; params?: { name?: string } }
    if (method === 'tools/call' && this.settings.strongerLogin !== undefined) {
      const challenge = `Bearer error="insufficient_user_authentication", ${this.settings.strongerLogin}`
      return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } })
    }
    const needed = method === 'tools/call' ? this.settings.tools[params?.name ?? ''] : undefined
    const { stubborn, stale } = this.settings
    const isBlind = stubborn || stale.includes(token)
    if (needed !== undefined && (isBlind || needed.split(' ').some((scope) => !scopes.includes(scope))))
      return this.#challenge(403, needed, 'insufficient_scope')
    const person = this.#guardian()?.personOf(token)
    return createMcpHandler(() => this.#tools(person)).fetch(request)
  }

  #challenge(status: number, scope: string | undefined, error?: string): Response {
    const parameters = [
      error && `error="${error}"`,
      scope && `scope="${scope}"`,
      this.settings.metadataAt === 'challenge' && `resource_metadata="https://mcp.example/somewhere/prm.json"`,
    ].filter(Boolean)
    return new Response('{}', { status, headers: { 'www-authenticate': `Bearer ${parameters.join(', ')}`.trim() } })
  }

  /** Tools that say whose token opened them. */
  #tools(person: string | undefined): McpServer {
    const server = new McpServer({ name: 'world', version: '1.0.0' })
    for (const name of Object.keys(this.settings.tools))
      server.registerTool(name, {}, () => ({ content: [{ type: 'text', text: `${name} for ${person}` }] }))
    return server
  }
}

export const PRM_ROOT = '/.well-known/oauth-protected-resource'
export const PRM_PATH = `${PRM_ROOT}/mcp`
