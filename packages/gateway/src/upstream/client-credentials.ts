import type { UpstreamRules } from '../rules/schema.ts'

/** What an MCP server is shown of this gateway: a name and a value, or nothing. Nothing of the caller is in it. */
export interface Credential {
  /** At once where nothing has to be fetched. */
  headers(): readonly string[] | Promise<readonly string[]>
  /** The MCP server did not accept what it was shown last. */
  refused(): void
}

/** The authorization server of an MCP server gave no token: nobody's fault who calls. */
export class NoUpstreamToken extends Error {
  override readonly name = 'NoUpstreamToken'
}

/** How tokens are asked for, and by which clock they expire. */
export interface Requests {
  readonly fetch: typeof fetch
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** A token is replaced this long before it expires, so that none expires on its way. */
const EARLY_MS = 30_000
/** Where the answer does not say how long a token lives, RFC 6749 §5.1. */
const ASSUMED_SECONDS = 300
/** Least time between two tries that fail. */
const RETRY_MS = 1_000
const TIMEOUT_MS = 10_000
const MAX_TOKEN_LENGTH = 16 * 1024

/** A token of this gateway's own by client credentials, RFC 6749 §4.4, kept until shortly before it expires. */
export function createClientCredentials(
  options: NonNullable<UpstreamRules['credential']['client_credentials']>,
  { fetch, clock }: Requests,
): Credential {
  let token: { readonly headers: readonly string[]; readonly until: number } | undefined
  let fetching: Promise<readonly string[]> | undefined
  let failure: { readonly error: unknown; readonly until: number } | undefined

  async function fetchToken(): Promise<readonly string[]> {
    try {
      const answer = await requestToken(options, fetch)
      const life = answer.seconds * 1000
      // A short life is not eaten up by the margin.
      token = { headers: answer.headers, until: clock() + life - Math.min(EARLY_MS, life / 2) }
      failure = undefined
      return token.headers
    } catch (error) {
      failure = { error, until: clock() + RETRY_MS }
      throw error
    } finally {
      fetching = undefined
    }
  }

  return {
    headers() {
      if (token && clock() < token.until) return token.headers
      if (failure && clock() < failure.until) return Promise.reject(failure.error)
      return (fetching ??= fetchToken())
    },
    refused() {
      token = undefined
    },
  }
}

async function requestToken(
  { token_endpoint, client_id, client_secret, auth, scopes, resource }: Parameters<typeof createClientCredentials>[0],
  send: typeof fetch,
): Promise<{ readonly headers: readonly string[]; readonly seconds: number }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scopes.length > 0) body.set('scope', scopes.join(' '))
  if (resource !== undefined) body.set('resource', resource)
  const headers = new Headers({ accept: 'application/json' })
  if (auth === 'client_secret_basic') headers.set('authorization', basic(client_id, client_secret))
  else {
    body.set('client_id', client_id)
    body.set('client_secret', client_secret)
  }
  let value: unknown
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await send(token_endpoint, { method: 'POST', headers, body, redirect: 'error', signal })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    value = await response.json()
  } catch (cause) {
    throw new NoUpstreamToken(`no token from ${token_endpoint}`, { cause })
  }
  const { access_token, token_type, expires_in = ASSUMED_SECONDS } = value as Record<string, unknown>
  const isToken =
    typeof access_token === 'string' && access_token.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(access_token)
  const isBearer = typeof token_type === 'string' && token_type.toLowerCase() === 'bearer'
  const seconds = Number(expires_in)
  if (!isToken || !isBearer || !(seconds > 0)) throw new NoUpstreamToken(`no bearer token from ${token_endpoint}`)
  return { headers: ['authorization', `Bearer ${access_token}`], seconds }
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`
}
