import { forPeople } from '../../http/audience.ts'
import type { Http } from '../../http/endpoint.ts'
import type { Realm } from '../../realm.ts'

/** Where the picture with a digest is, seen from a page of the same issuer. */
export const logoPath = (digest: string): string => `logos/${digest}.png`

/** `GET /logos/{digest}.png`: a picture that was drawn here. What it shows never changes, so it may be kept for ever. */
export async function logoEndpoint(realm: Realm, c: Http): Promise<Response> {
  const [, digest] = /^([\w-]{43})\.png$/.exec(c.req.param('file') ?? '') ?? []
  const png = digest === undefined ? undefined : await realm.read((t) => t.clientLogos.picture(digest))
  if (!png) return forPeople.notFound(c)
  return new Response(png, {
    headers: {
      'Content-Type': 'image/png',
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  })
}
