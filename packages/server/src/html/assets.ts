import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

interface Asset {
  path: string
  type: string
  body: string
}

/** The one stylesheet of the pages. */
export const stylesheet = loadAsset(new URL('./pages.css', import.meta.url), 'text/css; charset=utf-8')

/** The mark, as the icon of the tab. */
export const icon = loadAsset(new URL('./icon.svg', import.meta.url), 'image/svg+xml')

const assets = new Map([stylesheet, icon].map((asset) => [asset.path, asset]))

/** Answers a request for a file of the pages. The name carries the content's hash, so it may be kept for ever. */
export function serveAsset(path: string): Response | undefined {
  const asset = assets.get(path)
  if (asset === undefined) return undefined
  return new Response(asset.body, {
    headers: {
      'Content-Type': asset.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  })
}

function loadAsset(file: URL, type: string): Asset {
  const body = readFileSync(file, 'utf8')
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  return { path: `/assets/${basename(file.pathname).replace('.', `-${hash}.`)}`, type, body }
}
