/** The headers of a request by name in lower case, each of them once. */
export type RequestHeaders = ReadonlyMap<string, string>

/** Headers that may be sent in several lines, none of which decides anything here; lines are joined, RFC 9110 §5.2. */
const LISTS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'access-control-request-headers',
  'cache-control',
  'connection',
  'cookie',
  'forwarded',
  'if-none-match',
  'pragma',
  'te',
  'upgrade',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
])

/**
 * Reads headers as they came over the wire; undefined when one of them is there twice. Node keeps the first of some, the
 * last of others and joins the rest, and somebody in front of us or behind us may do it otherwise: what two readers can
 * read in two ways is refused (RFC 9112 §11.2).
 */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders | undefined {
  const headers = new Map<string, string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    const value = rawHeaders[index + 1] ?? ''
    const earlier = headers.get(name)
    if (earlier !== undefined && !LISTS.has(name)) return undefined
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers
}
