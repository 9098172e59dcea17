const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Without these a document that must not be cached would be fetched at every request, and one that may be for a year would never change. */
const SHORTEST = 5 * MINUTE
const LONGEST = 24 * HOUR
const UNSAID = HOUR

/**
 * Until when a document counts as it was fetched: by its HTTP headers as a shared cache reads them (RFC 9111 §4.2), within
 * bounds of our own (CIMD §4.4). `now` is when the request was sent, in milliseconds.
 */
export function freshUntil(headers: Headers, now: number): number {
  return now + Math.min(Math.max(lifetime(headers), SHORTEST), LONGEST)
}

function lifetime(headers: Headers): number {
  const directives = cacheControl(headers.get('cache-control') ?? '')
  if (['no-store', 'no-cache', 'private'].some((name) => directives.has(name))) return 0
  const seconds = directives.get('s-maxage') ?? directives.get('max-age')
  const age = wholeSeconds(headers.get('age') ?? '0') ?? 0
  if (seconds !== undefined) return ((wholeSeconds(seconds) ?? 0) - age) * 1000
  const expires = headers.get('expires')
  if (expires === null) return UNSAID
  // "0" and other text that is no date means that it has expired already (RFC 9111 §5.3).
  const difference = Date.parse(expires) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(difference) ? 0 : difference - age * 1000
}

function cacheControl(value: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const part of value.split(',')) {
    const [name = '', argument = ''] = part.trim().split('=')
    // The first counts when one stands twice: an order that nobody can turn around by adding to it.
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), argument.replaceAll('"', ''))
  }
  return directives
}

function wholeSeconds(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
