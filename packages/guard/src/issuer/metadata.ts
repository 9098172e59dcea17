import { wellKnownUrls } from '@permitry/oauth'
import { readBounded } from '../body.ts'
import { isLoopback } from '../loopback.ts'

/** Greatest document that is read from an authorization server. */
const MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 5_000

/**
 * Fetches the metadata of an issuer from the first of the well-known places that has them. Only a document that names
 * this issuer counts (RFC 8414 §3.3). Throws when there is none.
 */
export async function fetchMetadata(issuer: string, fetcher: typeof fetch): Promise<Readonly<Record<string, unknown>>> {
  const { oauth, openidInserted, openidAppended } = wellKnownUrls(issuer)
  for (const url of new Set([oauth, openidInserted, openidAppended])) {
    const metadata = await fetchJson(url, fetcher)
    if (metadata === undefined) continue
    if (metadata['issuer'] !== issuer) throw new Error(`${url} is the metadata of another issuer`)
    return metadata
  }
  throw new Error('no metadata at the well-known places')
}

/** A member of the metadata that is the URL of an endpoint. Throws where it is left out or must not be fetched. */
export function endpointOf(metadata: Readonly<Record<string, unknown>>, name: string): string {
  const uri = metadata[name]
  if (typeof uri !== 'string' || !isFetchable(uri)) throw new Error(`the metadata have no usable ${name}`)
  return uri
}

function isFetchable(uri: string): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname } = new URL(uri)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/**
 * A JSON object, or undefined when there is none at the URL. Bounded in size and time. No redirects: they would let a
 * host speak for another, and take along what a request carries.
 */
export async function fetchJson(
  url: string,
  fetcher: typeof fetch,
  init: RequestInit = {},
): Promise<Record<string, unknown> | undefined> {
  const headers = new Headers(init.headers)
  headers.set('accept', 'application/json')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetcher(url, { ...init, headers, redirect: 'manual', signal })
  if (response.status !== 200) {
    await response.body?.cancel()
    return undefined
  }
  const text = await readBounded(response.body, MAX_BYTES)
  if (text === undefined) throw new Error(`the document at ${url} is too large`)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Record<string, unknown>
}
