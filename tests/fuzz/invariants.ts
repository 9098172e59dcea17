// What must hold for every answer, however the request was spoilt. Each returns a sentence when it does not.
import { decodeJwt } from 'jose'
import { HEADER_MARKER } from './mutate.ts'
import { bodyText, type Sent } from './sent.ts'
import { CLIENTS, type KnownClient, NEVER_BOBS, type World } from './world.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

type Invariant = (sent: Sent, answer: Answer, world: World) => string | undefined

export const invariants: readonly Invariant[] = [
  (_, { status, text }) => (status >= 500 ? `answered ${status}: ${text.slice(0, 200)}` : undefined),
  (_, __, { faults }) => (faults.length > 0 ? `a fault: ${String(faults.pop())}` : undefined),
  (_, { headers }) => (headers.has(HEADER_MARKER) ? 'a parameter became a header' : undefined),
  (_, { text }) => (text.includes('<fuzz-mark') ? 'a parameter became markup' : undefined),
  onlyRegisteredRedirects,
  pagesAreProtected,
  tokensAreEarned,
  identitiesAreEarned,
]

/** Nobody is sent away from the server but to an address that a client registered. */
function onlyRegisteredRedirects(_: Sent, { headers, text }: Answer, { stack }: World): string | undefined {
  const refresh = /<meta http-equiv="refresh" content="0; ?url=([^"]*)"/i.exec(text)?.[1]?.replaceAll('&amp;', '&')
  for (const target of [headers.get('location'), refresh]) {
    if (target === null || target === undefined || target.startsWith('/') || target.startsWith(`${stack.issuer}/`))
      continue
    const [address] = target.split('?')
    const isRegistered =
      CLIENTS.some(({ redirectUri }) => redirectUri === address) ||
      /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(\/callback|\/oauth\/callback)$/.test(address ?? '')
    if (!isRegistered) return `sent away to ${target.slice(0, 120)}`
  }
  return undefined
}

function pagesAreProtected(_: Sent, { headers, text }: Answer): string | undefined {
  if (!headers.get('content-type')?.startsWith('text/html') || text === '') return undefined
  const policy = headers.get('content-security-policy') ?? ''
  return policy.includes("default-src 'none'") && policy.includes('frame-ancestors')
    ? undefined
    : 'a page without policy'
}

/** Tokens go to who proves what the right request proved, once, and never carry what the person's roles do not hold. */
function tokensAreEarned(sent: Sent, { status, headers, text }: Answer, world: World): string | undefined {
  const tokens = status === 200 && headers.get('content-type')?.includes('json') ? parse(text) : {}
  const { access_token: accessToken, refresh_token: refreshToken } = tokens
  if (typeof accessToken !== 'string') return undefined
  const { scope = '' } = decodeJwt<{ scope?: string }>(accessToken)
  if (scope.split(' ').includes(NEVER_BOBS)) return `a token of Bob carries ${scope}`
  const client = authenticated(sent)
  if (client === undefined) return 'tokens for a client that did not authenticate'

  const body = new URLSearchParams(typeof sent.body === 'string' || sent.body === undefined ? '' : bodyText(sent.body))
  const fault =
    body.get('grant_type') === 'refresh_token' ? refreshFault(body, client, world) : codeFault(body, client, world)
  if (typeof refreshToken === 'string') world.refreshTokens.set(refreshToken, client)
  if (scope.split(' ').includes('openid')) world.accessTokens.add(accessToken)
  world.known.push(accessToken, ...(typeof refreshToken === 'string' ? [refreshToken] : []))
  return fault
}

function codeFault(body: URLSearchParams, client: KnownClient, { codes }: World): string | undefined {
  const code = codes.get(body.get('code') ?? '')
  if (body.get('grant_type') !== 'authorization_code' || code === undefined) return 'tokens for nothing'
  if (code.client !== client) return 'tokens for the code of another client'
  if (code.isSpent) return 'tokens for a spent code'
  code.isSpent = true
  if (body.get('code_verifier') !== code.verifier) return 'tokens without the verifier'
  // A parameter without a value counts as left out (RFC 6749 §3.1), and this one may be left out (OAuth 2.1 §4.1.3).
  const redirectUri = body.get('redirect_uri') || client.redirectUri
  return redirectUri === client.redirectUri ? undefined : 'tokens with another redirect_uri'
}

function refreshFault(body: URLSearchParams, client: KnownClient, { refreshTokens }: World): string | undefined {
  const owner = refreshTokens.get(body.get('refresh_token') ?? '')
  return owner === client ? undefined : 'tokens for a refresh token of nobody or of another client'
}

function authenticated({ headers, body }: Sent): KnownClient | undefined {
  const form = new URLSearchParams(typeof body === 'string' || body === undefined ? '' : bodyText(body))
  const basic = /^Basic +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
  const [id = '', secret = ''] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':')
  return CLIENTS.find((client) =>
    client.secret === undefined
      ? form.get('client_id') === client.id
      : (id === client.id && secret === client.secret) ||
        (form.get('client_id') === client.id && form.get('client_secret') === client.secret),
  )
}

/** Who somebody is, is told to the holder of a token for it. */
function identitiesAreEarned(sent: Sent, { status, text }: Answer, { accessTokens }: World): string | undefined {
  if (status !== 200 || !sent.path.endsWith('/userinfo') || sent.method === 'OPTIONS') return undefined
  const token = /^Bearer +(\S+)$/i.exec(sent.headers['authorization'] ?? '')?.[1]
  return token !== undefined && accessTokens.has(token) ? undefined : `told without a token: ${text.slice(0, 100)}`
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
