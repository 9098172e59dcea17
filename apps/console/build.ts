// `npm run build:console`: the console's static files, into dist. Does nothing while they are newer than everything that they are
// made of, so whatever needs them just runs it.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import { build } from 'vite'

const HERE = import.meta.dirname
const ROOT = join(HERE, '../..')
const DIST = join(HERE, 'dist')
const SOURCES = [
  join(HERE, 'src'),
  join(HERE, 'index.html'),
  join(HERE, 'build.ts'),
  join(HERE, '../../packages/admin-api/src'),
]

if (!isFresh()) {
  const begun = Date.now()
  // Two builds at once would each empty the folder of the other: each has its own, and the last to finish stays.
  const made = `${DIST}-${process.pid}`
  await build({
    root: HERE,
    configFile: false,
    logLevel: 'error',
    base: '/console/',
    plugins: [tailwindcss()],
    resolve: { conditions: ['@permitry/source', 'import', 'module', 'browser', 'default'] },
    build: {
      outDir: made,
      target: 'es2023',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  })
  rmSync(DIST, { recursive: true, force: true })
  renameSync(made, DIST)
  console.log(`console built in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

/** Whether nothing that the files are made of, the lockfile included, was changed after they were made. */
function isFresh(): boolean {
  const page = join(DIST, 'index.html')
  if (!existsSync(page)) return false
  const madeAt = statSync(page).mtimeMs
  return [...SOURCES, join(ROOT, 'package-lock.json')].every((path) => newest(path) < madeAt)
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
