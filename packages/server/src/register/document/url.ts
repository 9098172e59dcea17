import { isLoopbackHost } from '@permitry/oauth'

const MAX_LENGTH = 1024

/**
 * Whether a `client_id` is the URL of a metadata document (CIMD §3): https with a path, without fragment, user name or dot
 * segments, and written as URL libraries write it, since the document must name the same text. With `onLoopback`, which
 * is for a server that runs there itself, http on loopback is one too (CIMD §6.5).
 */
export function isDocumentUrl(clientId: string, onLoopback: boolean): boolean {
  if (clientId.length > MAX_LENGTH || !URL.canParse(clientId)) return false
  const url = new URL(clientId)
  const isSecure = url.protocol === 'https:' || (onLoopback && url.protocol === 'http:' && isLoopbackHost(url.hostname))
  // Written differently means dot segments, default ports, upper-case hosts, backslashes, white space.
  const isPlain = url.href === clientId && !/%2e|[#\\]/i.test(clientId)
  return isSecure && isPlain && url.pathname !== '/' && url.username === '' && url.password === ''
}

/** Host and port of a document, as pages show them. */
export function documentHost(clientId: string): string {
  return new URL(clientId).host
}
