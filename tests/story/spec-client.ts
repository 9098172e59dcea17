import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Browser, type Page, type Person, signIn } from '@permitry/testkit'

const VERSION = '2026-07-28'

export interface SpecClientOptions {
  readonly mcpUrl: string
  readonly clientId: string
  readonly redirectUri: string
  readonly person: Person
  readonly secret?: string
  /** Called on the consent page; answers which scopes stay ticked, or refuses. */
  readonly onConsent?: (page: Page) => readonly string[] | 'deny'
}

export interface Called {
  readonly status: number
  readonly headers: Headers
  /** The JSON-RPC response. */
  readonly body: {
    readonly result?: Record<string, unknown>
    readonly error?: { readonly code: number; readonly message: string }
  }
}

/** The person refused, or the authorization server did. */
export class AuthorizationRefused extends Error {
  readonly code: string

  constructor(code: string) {
    super(`authorization refused: ${code}`)
    this.code = code
  }
}

/**
 * An MCP client without any library of ours or of the SDK: written from MCP authorization 2026-07-28, RFC 9728, 8414, 7636,
 * 8707 and 9207. Begins with nothing but the URL of the MCP server and a client id.
 */
export class SpecClient {
  readonly options: SpecClientOptions
  readonly browser = new Browser()
  token: Record<string, unknown> | undefined
  /** Every scope that was asked for, for the union of a step-up. */
  #asked: readonly string[] = []
  #id = 0

  constructor(options: SpecClientOptions) {
    this.options = options
  }

  /** Calls a tool; logs in when challenged, and steps up once when a scope is missing. */
  async callTool(name: string, args: Record<string, unknown> = {}): Promise<Called> {
    return this.request('tools/call', { name, arguments: args })
  }

  async request(method: string, params: Record<string, unknown> = {}): Promise<Called> {
    let called = await this.send(method, params)
    for (const status of [401, 403]) {
      if (called.status !== status) continue
      const challenge = challengeOf(called.headers)
      await this.authorize(challenge['resource_metadata'] ?? '', challenge['scope'])
      called = await this.send(method, params)
    }
    return called
  }

  /** One request as it stands on the wire, with the token of now and without reacting to the answer. */
  async send(method: string, params: Record<string, unknown> = {}): Promise<Called> {
    const token = this.token?.['access_token']
    const name = params['name'] ?? params['uri']
    const response = await fetch(this.options.mcpUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...(typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: ++this.#id,
        method,
        params: {
          ...params,
          _meta: {
            'io.modelcontextprotocol/protocolVersion': VERSION,
            'io.modelcontextprotocol/clientCapabilities': {},
            'io.modelcontextprotocol/clientInfo': { name: 'spec-client', version: '1' },
          },
        },
      }),
    })
    return { status: response.status, headers: response.headers, body: await readJsonRpc(response) }
  }

  /** From the challenge to a token, with the scopes of the challenge and all those asked for before. */
  async authorize(resourceMetadata: string, scope: string | undefined): Promise<void> {
    const resource = await getJson(resourceMetadata)
    assert.equal(resource['resource'], this.options.mcpUrl, 'RFC 9728 §3.3')
    const issuer = String((resource['authorization_servers'] as string[])[0])
    const server = await discover(issuer)
    const scopes = scope?.split(' ') ?? (resource['scopes_supported'] as string[] | undefined) ?? []
    this.#asked = [...new Set([...this.#asked, ...scopes])]

    const verifier = randomBytes(32).toString('base64url')
    const state = randomBytes(16).toString('base64url')
    const { clientId, redirectUri, secret } = this.options
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      scope: this.#asked.join(' '),
      resource: this.options.mcpUrl,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const answer = await this.#letThePersonAnswer(`${String(server['authorization_endpoint'])}?${query.toString()}`)
    assert.equal(answer.get('state'), state, 'OAuth 2.1 §4.1.2')
    assert.equal(answer.get('iss'), issuer, 'RFC 9207 §2.4')
    const error = answer.get('error')
    if (error !== null) throw new AuthorizationRefused(error)

    const form = {
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      resource: this.options.mcpUrl,
    }
    const basic =
      secret === undefined
        ? {}
        : {
            authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`,
          }
    const response = await fetch(String(server['token_endpoint']), {
      method: 'POST',
      headers: basic,
      body: new URLSearchParams(secret === undefined ? { ...form, client_id: clientId } : form),
    })
    const token = (await response.json()) as Record<string, unknown>
    assert.equal(response.status, 200, JSON.stringify(token))
    this.token = token
  }

  async #letThePersonAnswer(url: string): Promise<URLSearchParams> {
    let page = await this.browser.open(url)
    if (page.url.includes('/login?')) page = await signIn(this.browser, page, this.options.person)
    if (page.url.includes('/consent?')) {
      const answer = this.options.onConsent?.(page)
      page = await this.browser.submit(
        page,
        answer === 'deny' ? { decision: 'deny' } : { decision: 'allow', ...(answer ? { scope: answer } : {}) },
      )
    }
    assert.ok(page.url.startsWith(this.options.redirectUri), `the way ended at ${page.url}: ${page.text}`)
    return new URL(page.url).searchParams
  }
}

/** RFC 8414 §3.1 and OpenID Connect Discovery §4, in the order that MCP names. */
async function discover(issuer: string): Promise<Record<string, unknown>> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  for (const url of [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]) {
    const response = await fetch(url)
    if (!response.ok) continue
    const document = (await response.json()) as Record<string, unknown>
    assert.equal(document['issuer'], issuer, 'RFC 8414 §3.3')
    assert.ok((document['code_challenge_methods_supported'] as string[]).includes('S256'), 'MCP: refuse without PKCE')
    return document
  }
  throw new Error(`no metadata of ${issuer}`)
}

function challengeOf(headers: Headers): Record<string, string> {
  const header = headers.get('www-authenticate') ?? ''
  assert.match(header, /^Bearer /)
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
}

async function getJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url)
  assert.equal(response.status, 200, url)
  return (await response.json()) as Record<string, unknown>
}

/** A JSON body, or the one message of an event stream. */
async function readJsonRpc(response: Response): Promise<Called['body']> {
  const text = await response.text()
  const data = text.split('\n').find((line) => line.startsWith('data:'))
  const json = response.headers.get('content-type')?.startsWith('text/event-stream') ? (data?.slice(5) ?? '{}') : text
  return json.trim() === '' ? {} : (JSON.parse(json) as Called['body'])
}
