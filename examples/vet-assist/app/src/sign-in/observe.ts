// Sign-in goes through openid-client, and its messages belong into the drawer beside those of @permitry/client.
import type { CustomFetch } from 'openid-client'
import type { Explained } from '../journal/explain.ts'

const HIDDEN = '‹hidden›'
const SECRET = new Set(
  'code code_verifier client_secret access_token refresh_token id_token id_token_hint state nonce'.split(' '),
)
/** The rest is the same in every message and says nothing about OAuth. */
const SHOWN_HEADERS = new Set(['authorization', 'content-type', 'cache-control'])

/** An address that the browser is sent to, or comes back with. */
export function browserMessage(direction: Explained['direction'], address: string, at: number): Explained {
  const url = maskUrl(address)
  const { pathname } = new URL(url)
  const summary = direction === 'out' ? `GET ${pathname}` : `browser comes back to ${pathname}`
  return { kind: 'oauth', at, direction, summary, method: 'GET', url, status: undefined, headers: {}, body: undefined }
}

export function maskUrl(address: string): string {
  const url = new URL(address)
  for (const name of SECRET) if (url.searchParams.has(name)) url.searchParams.set(name, HIDDEN)
  return url.href
}

function maskFields(fields: Iterable<[string, unknown]>): Record<string, unknown> {
  return Object.fromEntries([...fields].map(([name, value]) => [name, SECRET.has(name) ? HIDDEN : value]))
}

function maskHeaders(headers: Headers): Record<string, string> {
  const shown = [...headers].filter(([name]) => SHOWN_HEADERS.has(name))
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name === 'authorization' ? `${value.split(' ')[0]} ${HIDDEN}` : value]),
  )
}

/** A fetch for openid-client that tells what it sends and gets. Documents without secrets are told as they are. */
export function observedFetch(tell: (message: Explained) => void, clock: () => number): CustomFetch {
  return async (url, options) => {
    const line = { kind: 'oauth', method: options.method, url: maskUrl(url) } as const
    const form = options.body instanceof URLSearchParams ? options.body : undefined
    tell({
      ...line,
      at: clock(),
      direction: 'out',
      summary: [options.method, new URL(url).pathname, form?.get('grant_type')].filter(Boolean).join(' '),
      status: undefined,
      headers: maskHeaders(new Headers(options.headers)),
      body: form && maskFields(form),
    })
    const response = await fetch(url, options as RequestInit)
    const told = await response.clone().text()
    const answer = parseObject(told)
    const scope = answer && 'scope' in answer ? `for ${String(answer.scope)}` : ''
    tell({
      ...line,
      at: clock(),
      direction: 'in',
      summary: `${response.status} ${scope}`.trim(),
      status: response.status,
      headers: maskHeaders(response.headers),
      body: answer && maskFields(Object.entries(answer)),
    })
    return response
  }
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
