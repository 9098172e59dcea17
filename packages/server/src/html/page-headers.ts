/**
 * The headers of every page that a person sees: no script from anywhere, no framing, no form to another origin, nothing
 * kept or referred on (RFC 9700 §4.2.4 and §4.16, OAuth 2.1 §7.13). The one place where they are set.
 *
 * No Cross-Origin-Opener-Policy: web clients open these pages in a pop-up, and the client's own callback must still reach
 * its opener afterwards. A page of another origin can read nothing of ours either way.
 *
 * `form-action 'self'` also stops a redirect to another origin that follows a POST; see `continuePage`.
 */
export function pageHeaders(): Record<string, string> {
  return {
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  }
}
