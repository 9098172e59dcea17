// Which packages are published, and what of them: read from their package.json, so that a new export is packed by itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

type Target = { '@permitry/source': string; types: string; default: string }
export type Manifest = {
  name: string
  version: string
  license: string
  description?: string
  bin?: Record<string, string>
  exports?: Record<string, Target>
  engines?: { node: string }
  sideEffects?: boolean
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

export type Published = {
  folder: string
  manifest: Manifest
  /** Name of a file in dist, without its ending, to the source that it is built from. */
  entries: Readonly<Record<string, string>>
}

/** The published packages; all other packages are private, and end up inside those that import them. */
export function publishedPackages(): Published[] {
  return ['cli', 'guard', 'client'].map((name) => {
    const folder = join(ROOT, 'packages', name)
    const manifest = readManifest(folder)
    const exported = Object.values(manifest.exports ?? {}).map((target) => [target.default, target['@permitry/source']])
    const commands = Object.values(manifest.bin ?? {}).map((source) => [builtName(source), source])
    const entries = [...exported, ...commands].map(([built = '', source = '']) => [
      built.replace(/^\.\/dist\/(.+)\.js$/, '$1'),
      join(folder, source),
    ])
    return { folder, manifest, entries: Object.fromEntries(entries) as Record<string, string> }
  })
}

/** `./src/main.ts` is built as `./dist/main.js`. */
export const builtName = (source: string): string => source.replace(/^\.\/src\/(.+)\.ts$/, './dist/$1.js')

/** The versions of what a package may import: its own dependencies, and those of the private packages that end up inside it. */
export function versionsFor({ manifest }: Published): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  const waiting = [manifest]
  for (const { name, dependencies = {} } of waiting) {
    for (const [dependency, version] of Object.entries(dependencies)) {
      const inside = /^@permitry\/(.+)$/.exec(dependency)?.[1]
      if (inside !== undefined) waiting.push(readManifest(join(ROOT, 'packages', inside)))
      else if ((versions.get(dependency) ?? version) === version) versions.set(dependency, version)
      else
        throw new Error(`${name} wants ${dependency} ${version}, and another package inside ${manifest.name} does not`)
    }
  }
  return versions
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
