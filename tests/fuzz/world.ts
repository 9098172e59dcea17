// A running server, what an attacker and its right users know of it, and right requests to spoil.
import { readFileSync } from 'node:fs'
import { appSecret, authorizationUrl, authorize, Browser, type Stack, startStack, VET_ASSIST } from '@permitry/testkit'
import type { Random } from './random.ts'
import type { Parameter, Sent } from './sent.ts'

export interface KnownClient {
  readonly id: string
  readonly redirectUri: string
  readonly secret: string | undefined
}

export const CLIENTS: readonly KnownClient[] = [
  { id: 'vet-assist-ai', redirectUri: 'http://localhost:9402/callback', secret: appSecret },
  { id: 'vet-assist-dev', redirectUri: 'http://127.0.0.1:4711/callback', secret: undefined },
]

/** No role of Bob, who is the only one that signs in here, holds it. */
export const NEVER_BOBS = 'pet-profile:write'

export interface KnownCode {
  readonly client: KnownClient
  readonly verifier: string
  isSpent: boolean
}

export interface World {
  readonly stack: Stack
  /** By code, and by refresh token: who may use it, and how. */
  readonly codes: Map<string, KnownCode>
  readonly refreshTokens: Map<string, KnownClient>
  readonly accessTokens: Set<string>
  /** Everything that stood in a right request or answer. */
  readonly known: string[]
  readonly faults: unknown[]
  send(request: Request): Promise<Response>
  /** A right request to some endpoint. */
  rightRequest(random: Random): Promise<Sent>
}

export async function startWorld(): Promise<World> {
  const faults: unknown[] = []
  const stack = await startStack({ onFault: (fault) => faults.push(fault), trustedProxies: ['127.0.0.1'] })
  let sent = 0
  const send = async (request: Request): Promise<Response> => {
    sent++
    // Each from a network of its own, or limits by address would end the wandering; a proxy's word counts where there is one.
    const own = `10.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`
    const remoteAddress = request.headers.has('x-forwarded-for') ? '127.0.0.1' : own
    return stack.server.fetch(request, { remoteAddress })
  }
  /** Bob's: he has signed in and stays so. */
  const browser = new Browser(send)
  const world: World = {
    stack,
    codes: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Set(),
    known: [
      stack.issuer,
      stack.mcpUrl,
      VET_ASSIST,
      'pet-profile:read',
      'pet-profile:write',
      'openid',
      'offline_access',
    ],
    faults,
    send,
    rightRequest,
  }
  for (const { id, redirectUri } of CLIENTS) world.known.push(id, redirectUri)
  await freshCode(CLIENTS[0]!)
  return world

  async function freshCode(client: KnownClient): Promise<string> {
    const request = {
      clientId: client.id,
      redirectUri: client.redirectUri,
      resource: VET_ASSIST,
      scope: 'openid pet-profile:read',
    }
    const { params, verifier } = await authorize(stack.issuer, request, 'bob', { browser })
    const code = params.get('code') ?? ''
    world.codes.set(code, { client, verifier, isSpent: false })
    world.known.push(code, verifier)
    return code
  }

  async function rightRequest(random: Random): Promise<Sent> {
    const client = random.pick(CLIENTS)
    const endpoint = random.pick(ENDPOINTS)
    const method = random.pick(endpoint.methods)
    const sent = await rightFor(endpoint.path, client, random)
    const cookie = browser.cookies(stack.issuer)
    const headers = { ...sent.headers, ...(random.chance(60) && cookie !== '' ? { cookie } : {}) }
    return { method, path: endpoint.path, query: [], body: undefined, ...sent, headers }
  }

  async function rightFor(path: string, client: KnownClient, random: Random): Promise<Partial<Sent>> {
    switch (path) {
      case '/authorize':
        return { query: await authorizeQuery(client) }
      case '/token':
        return tokenRequest(client, random)
      case '/revoke':
      case '/introspect':
        return form(client, [['token', random.pick([...world.known])]])
      case '/userinfo':
        return { headers: { authorization: `Bearer ${random.pick([...world.accessTokens, 'none'])}` } }
      case '/login':
      case '/consent':
        return pageRequest(client)
      case '/logout':
        return {
          query: [
            ['client_id', client.id],
            ['post_logout_redirect_uri', client.redirectUri],
            ['state', 's'],
          ],
        }
      case '/register':
        return {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ client_name: random.pick(world.known), redirect_uris: ['http://127.0.0.1/callback'] }),
        }
      default:
        return {}
    }
  }

  async function authorizeQuery(client: KnownClient): Promise<readonly Parameter[]> {
    const request = {
      clientId: client.id,
      redirectUri: client.redirectUri,
      resource: VET_ASSIST,
      scope: 'openid pet-profile:read',
    }
    const { url } = await authorizationUrl(stack.issuer, request)
    return [...new URL(url).searchParams]
  }

  /** The form of the page that a request leads to, with its hidden fields. */
  async function pageRequest(client: KnownClient): Promise<Partial<Sent>> {
    const stranger = new Browser(send)
    const query = new URLSearchParams((await authorizeQuery(client)).map(([name, value]) => [name, value]))
    const page = await stranger.open(`${stack.issuer}/authorize?${query.toString()}`)
    const fields = page.forms[0]?.fields ?? []
    const { origin } = new URL(stack.issuer)
    return {
      method: 'POST',
      query: [...new URL(page.url).searchParams],
      body: fields.map(({ name, value }) => [name, value] as const),
      headers: { cookie: stranger.cookies(origin), origin, 'sec-fetch-site': 'same-origin' },
    }
  }

  async function tokenRequest(client: KnownClient, random: Random): Promise<Partial<Sent>> {
    const refresh = [...world.refreshTokens].filter(([, owner]) => owner === client).at(-1)
    if (refresh && random.chance(50))
      return form(client, [
        ['grant_type', 'refresh_token'],
        ['refresh_token', refresh[0]],
      ])
    const unspent = [...world.codes].find(([, known]) => known.client === client && !known.isSpent)
    const code = unspent?.[0] ?? (await freshCode(client))
    return form(client, [
      ['grant_type', 'authorization_code'],
      ['code', code],
      ['redirect_uri', client.redirectUri],
      ['code_verifier', world.codes.get(code)?.verifier ?? ''],
    ])
  }
}

function form(client: KnownClient, body: readonly Parameter[]): Partial<Sent> {
  if (client.secret === undefined) return { method: 'POST', body: [...body, ['client_id', client.id]] }
  return { method: 'POST', body, headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` } }
}

/** Every endpoint that the server mounts, read from the table in its source: a new one is wandered over by itself. */
const ENDPOINTS: readonly { path: string; methods: readonly string[] }[] = readEndpoints()

function readEndpoints() {
  const source = readFileSync(new URL('../../packages/server/src/routes.ts', import.meta.url), 'utf8')
  const rows = [...source.matchAll(/for(?:People|Clients), \[([^\]]+)\], '([^']+)'/g)]
  if (rows.length < 10) throw new Error('the table of endpoints was not found in routes.ts')
  const wellKnown = [
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/nothing',
    '/assets/x.css',
  ]
  return [
    ...rows.map(([, methods = '', path = '']) => ({
      path,
      methods: [...methods.matchAll(/[A-Z]+/g)].map(([one]) => one),
    })),
    ...wellKnown.map((path) => ({ path, methods: ['GET'] })),
  ]
}
