import { hasDotSegments, isHostAsWritten, isLoopbackHost, splitUri } from './uri.ts'

/** What a client is, OpenID Connect Dynamic Client Registration §2: the rules for its redirect URIs depend on it. */
export type ApplicationType = 'web' | 'native'

// Schemes that run code, read local files or reach into the browser, instead of handing a code to a client.
const FORBIDDEN_SCHEMES = new Set(
  'about blob chrome data file filesystem ftp intent javascript vbscript view-source ws wss'.split(' '),
)

/**
 * Checks a redirect URI that a client wants to register (RFC 9700 §2.1, RFC 8252 §7 and §8.4, MCP Security
 * Considerations): undefined when it may, otherwise a sentence that says what to do. Private-use schemes need no dot,
 * although RFC 8252 §7.1 wants one, because editors ship without it (`cursor://`).
 */
export function checkRegisteredRedirectUri(uri: string, applicationType: ApplicationType): string | undefined {
  const parts = splitUri(uri)
  if (parts === undefined)
    return 'a redirect URI must be an absolute URI without spaces, backslashes or other characters outside RFC 3986'
  const { scheme, authority, path, fragment } = parts
  if (FORBIDDEN_SCHEMES.has(scheme))
    return `a redirect URI must not use \`${scheme}:\`: use https, or http on a loopback address`
  if (fragment !== undefined) return 'a redirect URI must not have a fragment: leave out `#` and what follows'
  if (authority?.userinfo !== undefined)
    return 'a redirect URI must not have a user name: leave out what stands before `@`'
  if (uri.includes('*')) return 'a redirect URI must not have a wildcard: register each address in full'
  if (hasDotSegments(path))
    return 'a redirect URI must not have `.` or `..` segments: register the address that they lead to'
  if (scheme !== 'http' && scheme !== 'https') {
    if (applicationType === 'web')
      return `only native clients may use \`${scheme}:\`: use https, or register as \`application_type\` native`
    if (!URL.canParse(uri))
      return 'a redirect URI must be one that browsers can read: this one has a broken host or port'
    return authority === undefined && path === '' ? 'a redirect URI must name something after its scheme' : undefined
  }
  if (authority === undefined || authority.host === '') return 'a redirect URI must have a host'
  if (authority.port === '' || Number(authority.port) === 0)
    return 'a redirect URI must have a real port after its colon, or no colon'
  if (!isHostAsWritten(uri, authority.host))
    return 'a redirect URI must have its host in plain form: browsers would read this one as another'
  if (scheme === 'http' && !isLoopbackHost(authority.host)) {
    return 'a redirect URI may use http only on localhost, 127.0.0.1 or [::1]: use https'
  }
  return undefined
}

/**
 * Says whether the redirect URI of a request is one of the registered ones: simple string comparison (RFC 3986 §6.2.1,
 * OAuth 2.1 §2.3.1), except that native clients choose any port at the loopback host they registered (RFC 8252 §7.3).
 * A registered loopback host stays that host: `localhost` does not match `127.0.0.1`.
 */
export function matchRedirectUri(
  registered: readonly string[],
  given: string,
  applicationType: ApplicationType,
): boolean {
  if (registered.includes(given)) return true
  if (applicationType !== 'native') return false
  const wanted = withoutLoopbackPort(given)
  return wanted !== undefined && registered.some((uri) => withoutLoopbackPort(uri) === wanted)
}

// Written as one anchored expression over the raw text, because every parser in between is a chance to disagree:
// `http://127.0.0.1:80@evil.example`, `http://localhost.evil.example` and `http://0x7f.1` do not match it.
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9][0-9]{0,4}))?([/?][!-~]*)?$/

function withoutLoopbackPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri)
  if (match === null || Number(match[2] ?? 0) > 65535) return undefined
  return `${match[1]}${match[3] ?? ''}`
}
