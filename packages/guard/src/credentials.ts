import type { Settings } from './settings.ts'
import type { Incoming } from './types.ts'

/** The schemes of access tokens: whoever holds it may use it (RFC 6750), or whoever proves to hold its key (RFC 9449). */
export type Scheme = 'Bearer' | 'DPoP'

/** What a request presents: nothing, a token, or something that can be no token of ours. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly scheme: Scheme; readonly token: string }
  | { readonly kind: 'malformed'; readonly scheme: Scheme }
  | { readonly kind: 'two_methods' }

/** RFC 6750 §2.1. Two joined `Authorization` headers have a comma and fail here. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/
/** RFC 7515 §3.1. Checked before anything is decoded. */
const COMPACT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}$/

/** Whether a token has the form of a signed one. Every other one is opaque, and no JWT of any kind. */
export function isCompactJwt(token: string): boolean {
  return COMPACT.test(token)
}

/** Our tokens have about 1 KiB. */
const MAX_TOKEN_LENGTH = 16 * 1024

/**
 * Reads the access token of a request, RFC 6750 §2.1. A token in the query string is never one, since URLs end up in
 * logs; beside a header it makes two methods, which RFC 6750 §3.1 wants refused.
 */
export function readCredentials({ url, headers }: Incoming, { dpop }: Pick<Settings, 'dpop'>): Credentials {
  const authorization = headers.get('authorization')
  const query = url.indexOf('?')
  const inQuery = query !== -1 && new URLSearchParams(url.slice(query + 1)).has('access_token')
  if (authorization === null) return { kind: 'none' }
  if (inQuery) return { kind: 'two_methods' }
  const match = /^(bearer|dpop)(?: +(.*))?$/i.exec(authorization)
  const scheme = match?.[1]?.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
  // Another scheme is none that this server has asked for, so there is no token to find fault with.
  if (match === null || !isServed(scheme, dpop)) return { kind: 'none' }
  const token = match[2]?.trimEnd()
  if (token === undefined || token.length > MAX_TOKEN_LENGTH || !TOKEN.test(token)) return { kind: 'malformed', scheme }
  return { kind: 'token', scheme, token }
}

function isServed(scheme: Scheme, dpop: Settings['dpop']): boolean {
  return scheme === 'DPoP' ? dpop !== undefined : dpop?.required !== true
}
