// Builds the page at start: React and styles become three kinds of files in memory. Measured on two busy cores: esbuild 0.6 s
// with its import, Vite 8 2.1 s. So there is no build step to forget, nothing on disk to be stale, and one dependency.
import { join } from 'node:path'
import { build, stop } from 'esbuild'

export interface PageFile {
  body: Uint8Array<ArrayBuffer>
  type: string
}

export interface Page {
  html: string
  /** By path; names carry the hash of what is in them. */
  files: ReadonlyMap<string, PageFile>
}

const WEB = join(import.meta.dirname, '../../web')
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

let page: Promise<Page> | undefined

/** Builds it once for all apps of a process. */
export function buildPage(): Promise<Page> {
  return (page ??= bundle())
}

async function bundle(): Promise<Page> {
  const built = await build({
    entryPoints: [join(WEB, 'main.tsx'), join(WEB, 'icon.svg')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    outdir: WEB,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'copy' },
    legalComments: 'none',
    logLevel: 'silent',
  })
  // Its service would wait for more to build as long as the app runs.
  await stop()
  const files = new Map(
    built.outputFiles.map(({ path, contents }) => {
      const name = path.split(/[\\/]/).at(-1) ?? ''
      const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
      return [`/assets/${name}`, { body: new Uint8Array(contents), type }]
    }),
  )
  const names = [...files.keys()]
  const find = (start: string, end: string): string =>
    names.find((name) => name.startsWith(`/assets/${start}`) && name.endsWith(end)) ?? ''
  return {
    files,
    html: htmlWith({ script: find('main', '.js'), style: find('main', '.css'), icon: find('icon', '.svg') }),
  }
}

function htmlWith({ script, style, icon }: { script: string; style: string; icon: string }): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Vet Assist AI</title>
<link rel="icon" href="${icon}" type="image/svg+xml">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
<div id="app"></div>
<noscript><p>Vet Assist AI is a conversation, and needs JavaScript for it.</p></noscript>
`
}
