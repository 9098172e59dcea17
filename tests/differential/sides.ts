// The two authorization servers that get the same requests: ours, and the certified library of the author of jose.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { appSecret, type Authorization, authorize, Browser, type Page, startStack, VET_ASSIST } from '@permitry/testkit'
import Provider, { errors } from 'oidc-provider'

export const CLIENT = 'vet-assist-ai'
export const REDIRECT_URI = 'http://localhost:9402/callback'
export const SECRET = appSecret
export const RESOURCE = VET_ASSIST
export const SCOPE = 'pet-profile:read'

export interface Side {
  readonly issuer: string
  /** The endpoints as the metadata names them. */
  readonly endpoints: Readonly<Record<'authorize' | 'token' | 'revoke' | 'userinfo', string>>
  readonly metadata: Readonly<Record<string, unknown>>
  /** Walks login and consent; the page is the answer at the client's redirect URI. */
  signInAndConsent(url: string): Promise<Page>
  close(): Promise<void>
}

export async function permitry(): Promise<Side> {
  const stack = await startStack()
  return {
    ...(await read(stack.issuer)),
    async signInAndConsent(url) {
      const { page } = await authorize(stack.issuer, requestOf(url), 'bob')
      return page
    },
    close: () => stack.close(),
  }
}

export async function oidcProvider(): Promise<Side> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configuration())
  const handle = provider.callback()
  server.on('request', (request, response) => void handle(request, response))
  return {
    ...(await read(issuer)),
    async signInAndConsent(url) {
      const browser = new Browser()
      const login = await browser.open(url)
      const consent = await browser.submit(login, { prompt: 'login', login: 'bob', password: 'any' })
      return browser.submit(consent, { prompt: 'consent' })
    },
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  }
}

/** As close to ours as its options go: one MCP server as a resource, one confidential client, PKCE for all. */
function configuration(): Record<string, unknown> {
  const resourceServer = { scope: 'pet-profile:read pet-profile:write', audience: RESOURCE, accessTokenFormat: 'jwt' }
  return {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
        // our example app may use a loopback address although it is a web application
        application_type: 'native',
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'pet-profile:read', 'pet-profile:write'],
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    cookies: { keys: ['a key for cookies that live as long as this test'] },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo(_: unknown, resource: string) {
          if (resource !== RESOURCE) throw new errors.InvalidTarget()
          return resourceServer
        },
      },
    },
  }
}

async function read(issuer: string): Promise<Pick<Side, 'issuer' | 'endpoints' | 'metadata'>> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`)
  const metadata = (await response.json()) as Record<string, unknown>
  const endpoint = (name: string): string => String(metadata[name])
  return {
    issuer,
    metadata,
    endpoints: {
      authorize: endpoint('authorization_endpoint'),
      token: endpoint('token_endpoint'),
      revoke: endpoint('revocation_endpoint'),
      userinfo: endpoint('userinfo_endpoint'),
    },
  }
}

function requestOf(url: string): Authorization {
  const extra = Object.fromEntries(new URL(url).searchParams)
  return { clientId: CLIENT, redirectUri: REDIRECT_URI, extra }
}
