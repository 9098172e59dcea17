// Splits URIs by RFC 3986 without repairing them. `new URL` trims, lower-cases, turns `\` into `/`, drops default ports,
// resolves dot segments and reads `0x7f.1` as an address: right for fetching, wrong where strings decide who gets a code.

/** The parts of a URI exactly as written. */
export interface UriParts {
  readonly scheme: string
  readonly authority: Authority | undefined
  readonly path: string
  readonly query: string | undefined
  readonly fragment: string | undefined
}

/** The authority of a URI exactly as written; a port is `''` when its colon stands alone. */
export interface Authority {
  readonly userinfo: string | undefined
  readonly host: string
  readonly port: string | undefined
}

const URI = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/
const AUTHORITY = /^(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^@:[\]]*)(?::([0-9]*))?$/
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }
const MAX_LENGTH = 2048

/** Splits an absolute URI; undefined for anything that RFC 3986 does not allow, or that is longer than 2,048 characters. */
export function splitUri(text: string): UriParts | undefined {
  if (text.length > MAX_LENGTH || !URI_CHARACTERS.test(text)) return undefined
  const match = URI.exec(text)
  if (match === null) return undefined
  const [, scheme = '', rawAuthority, path = '', query, fragment] = match
  if (/[[\]#]/.test(`${path}${query ?? ''}${fragment ?? ''}`)) return undefined
  const authority = rawAuthority === undefined ? undefined : splitAuthority(rawAuthority)
  if (rawAuthority !== undefined && authority === undefined) return undefined
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment }
}

function splitAuthority(text: string): Authority | undefined {
  const match = AUTHORITY.exec(text)
  if (match === null) return undefined
  const [, userinfo, host = '', port] = match
  if (Number(port ?? 0) > 65535) return undefined
  return { userinfo, host, port }
}

/** Host and port for comparison: lower case, without the port that the scheme has anyway. */
export function comparableHost(scheme: string, { host, port }: Authority): string {
  const number = port === undefined || port === '' ? '' : String(Number(port))
  return host.toLowerCase() + (number === '' || number === DEFAULT_PORTS[scheme] ? '' : `:${number}`)
}

/** Says whether a path has `.` or `..` segments, also behind percent-encoded dots and slashes. */
export function hasDotSegments(path: string): boolean {
  const plain = path.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c/gi, '/')
  return plain.split('/').some((segment) => segment === '.' || segment === '..')
}

/** Says whether a host is written as one of the loopback names of RFC 8252 §7.3, in any letter case. */
export function isLoopbackHost(host: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(host.toLowerCase())
}

/** Says whether a browser goes to the host that is written: false for `https://2130706433`, which it reads as 127.0.0.1. */
export function isHostAsWritten(uri: string, host: string): boolean {
  return URL.canParse(uri) && new URL(uri).hostname === host.toLowerCase()
}
