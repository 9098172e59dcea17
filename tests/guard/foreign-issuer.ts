// An authorization server that we did not write, with opaque access tokens: the certified library of the author of jose.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Browser } from '@permitry/testkit'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider from 'oidc-provider'

export const READ = 'pets:read'
export const WRITE = 'pets:write'
const CLIENT = 'foreign-app'
const CALLBACK = 'http://127.0.0.1:5556/callback'
const GUARD_CLIENT = 'vet-guard'
const ACCESS_TOKEN_SECONDS = 300

interface Asked {
  readonly resource: string
  readonly scope?: string
}

export interface ForeignIssuer {
  readonly issuer: string
  /** As which the guard of an MCP server asks. */
  readonly credential: { readonly client_id: string; readonly private_key: JWK }
  /** How often it was asked about a token. */
  questions: number
  /** A fresh access token of Bob for one of the resources. */
  token(asked: Asked): Promise<string>
  /** By which the client gets them. */
  refreshToken: string
  /** Takes an access token back, as the client does when its person signs out (RFC 7009). */
  revoke(token: string): Promise<void>
  /** Answers questions in the place of the server. */
  lie: ((response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

/** Starts it for some resources, and signs Bob in at a public client of it. */
export async function startForeignIssuer(resources: readonly string[]): Promise<ForeignIssuer> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const named = { kid: 'guard-1', alg: 'ES256' }
  const provider = new Provider(issuer, configuration({ ...(await exportJWK(publicKey)), ...named }))
  const handle = provider.callback()
  const foreign: ForeignIssuer = {
    issuer,
    credential: { client_id: GUARD_CLIENT, private_key: { ...(await exportJWK(privateKey)), ...named } },
    questions: 0,
    refreshToken: '',
    lie: undefined,
    async token({ resource, scope = READ }) {
      const form = {
        grant_type: 'refresh_token',
        client_id: CLIENT,
        refresh_token: foreign.refreshToken,
        resource,
        scope,
      }
      return (await post(`${issuer}/token`, form))['access_token'] ?? ''
    },
    async revoke(token) {
      await post(`${issuer}/token/revocation`, { client_id: CLIENT, token })
      // The library takes back the refresh token with it.
      foreign.refreshToken = await signIn(issuer, resources)
    },
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
  server.on('request', (request, response) => {
    const isQuestion = request.url === '/token/introspection'
    if (isQuestion) foreign.questions++
    if (isQuestion && foreign.lie !== undefined) foreign.lie(response)
    else void handle(request, response)
  })
  foreign.refreshToken = await signIn(issuer, resources)
  return foreign
}

function configuration(guardKey: JWK): Record<string, unknown> {
  return {
    clients: [
      {
        client_id: CLIENT,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
      },
      {
        client_id: GUARD_CLIENT,
        redirect_uris: [],
        grant_types: [],
        response_types: [],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [guardKey] },
      },
    ],
    scopes: ['openid', 'offline_access', READ, WRITE],
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: false,
    ttl: { Interaction: 600, Session: 600, Grant: 3600, RefreshToken: 3600, AccessToken: ACCESS_TOKEN_SECONDS },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    cookies: { keys: ['a key for cookies that live as long as this test'] },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: `${READ} ${WRITE}`,
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: ACCESS_TOKEN_SECONDS,
        }),
      },
    },
  }
}

async function signIn(issuer: string, resources: readonly string[]): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT,
    redirect_uri: CALLBACK,
    scope: `openid offline_access ${READ} ${WRITE}`,
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  for (const resource of resources) query.append('resource', resource)
  const browser = new Browser()
  const login = await browser.open(`${issuer}/auth?${query.toString()}`)
  const consent = await browser.submit(login, { prompt: 'login', login: 'bob', password: 'any' })
  const { url } = await browser.submit(consent, { prompt: 'consent' })
  const tokens = await post(`${issuer}/token`, {
    grant_type: 'authorization_code',
    client_id: CLIENT,
    code: new URL(url).searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    resource: resources[0] ?? '',
  })
  return tokens['refresh_token'] ?? ''
}

async function post(url: string, form: Record<string, string>): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}
