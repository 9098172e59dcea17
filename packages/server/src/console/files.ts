import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Http } from '../http/endpoint.ts'
import { errorResponse } from '../http/pages.ts'
import type { Realm } from '../realm.ts'

/** What `npm run build:console` makes; in the published package it lies beside the bundle, as `console`. */
const FOLDER = new URL('../../../../apps/console/dist', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

type Files = ReadonlyMap<string, Buffer<ArrayBuffer>>
let files: Files | undefined

/** Read whole at the first request and kept: no path that a request names ever reaches the disk. */
function readFiles(): Files {
  const folder = `${FOLDER.href}/`
  if (files || !existsSync(new URL('index.html', folder))) return files ?? new Map()
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  files = new Map(
    names.filter((name) => extname(name) in TYPES).map((name) => [name, readFileSync(new URL(name, folder))]),
  )
  return files
}

/** `GET /console/*`: a file of the console, or its one page, whose script reads the rest of the address. */
export function consoleFile(realm: Realm, c: Http): Response {
  const base = `${new URL(realm.issuer).pathname.replace(/\/$/, '')}/console/`
  const path = decodePath(`${c.req.path}/`.slice(base.length))
  const known = readFiles()
  if (/^(?:api|assets)\//.test(path) && !known.has(path)) return errorResponse(c, { cause: 'not_found' })
  const name = known.has(path) ? path : 'index.html'
  const body = known.get(name)
  if (!body) return errorResponse(c, { cause: 'console_missing' })
  return new Response(body, {
    headers: {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      // The names of the others carry a hash of what is in them.
      'Cache-Control': name === 'index.html' ? 'no-store' : 'public, max-age=31536000, immutable',
      'Content-Security-Policy': CSP,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  })
}

function decodePath(path: string): string {
  return path.replace(/\/$/, '')
}
