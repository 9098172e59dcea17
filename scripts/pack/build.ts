// Builds one published package into a folder that npm can pack.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { loadedByUrl } from './loaded-by-url.ts'
import { tarballManifest } from './manifest.ts'
import { type Published, ROOT, versionsFor } from './packages.ts'

/**
 * Private packages are bundled, everything else stays an import. The code keeps its names and has no source maps: it can be
 * read as it is, and a map would hold paths of the machine that made it.
 */
export async function build(published: Published, into: string): Promise<void> {
  const isLibrary = published.manifest.exports !== undefined
  const bundle = await rolldown({
    input: published.entries,
    cwd: ROOT,
    platform: isLibrary ? 'neutral' : 'node',
    tsconfig: TSCONFIG,
    resolve: { conditionNames: ['@permitry/source', 'import', 'default'] },
    external: isExternal,
    plugins: [
      loadedByUrl(),
      // a command has no declarations: nobody imports it
      ...(isLibrary ? [dts({ tsconfig: TSCONFIG, logger: SILENT })] : []),
    ],
    checks: { bundlerTimings: false },
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  const { output } = await bundle.write({ dir: join(into, 'dist'), format: 'es' })
  await bundle.close()

  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk')
  const ours = new Set(chunks.map((chunk) => chunk.fileName))
  const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
  const dependencies = new Set(imported.filter((id) => !ours.has(id) && !id.startsWith('node:')).map(packageOf))
  mkdirSync(into, { recursive: true })
  const manifest = tarballManifest(published, dependencies, versionsFor(published))
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(ROOT, 'LICENSE'), join(into, 'LICENSE'))
  cpSync(join(published.folder, 'README.md'), join(into, 'README.md'))
}

const isExternal = (id: string): boolean => /^[a-z@]/i.test(id) && !id.startsWith('@permitry/')

/** `hono/cookie` and `@scope/name/part` belong to `hono` and `@scope/name`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** In the root folder, which the declarations are emitted from. */
const TSCONFIG = join(ROOT, 'tsconfig.pack.json')
const SILENT = { info() {}, warn() {}, error: console.error }
