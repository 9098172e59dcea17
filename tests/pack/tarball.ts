// What is inside a tarball, and what should not be, or is missing.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'

export type TarballManifest = {
  name: string
  type?: string
  private?: boolean
  bin?: Record<string, string>
  exports?: Record<string, string | { types: string; default: string }>
  engines?: { node: string }
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  scripts?: Record<string, string>
}

const MEANT =
  /^(?:package\.json|README\.md|LICENSE|dist\/(?:[\w-]+\/)?[\w.-]+\.(?:js|d\.ts|css|svg)|dist\/console\/(?:index\.html|assets\/[\w.-]+\.(?:js|css|svg)))$/
const IMPORT = /^\s*(?:import|export)\s(?:[^'"\n]*\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/gm
const PAGE = 'dist/console/index.html'
const BY_PAGE = /(?:src|href)="[^"]*\/(assets\/[\w.-]+)"/g
const BY_URL = /new URL\(\s*['"](\.[^'"]+)['"],\s*import\.meta\.url\s*\)/g

/** Unpacks a tarball and gives the folder of the package. */
export function unpack(tarball: string, into: string): string {
  mkdirSync(into, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', into])
  return join(into, 'package')
}

export const readManifest = (folder: string): TarballManifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as TarballManifest

/** Sentences about everything that is wrong with an unpacked package; none when it can be published. */
export function findTarballFaults(folder: string, repository: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const manifest = readManifest(folder)
  return [
    ...files.filter((file) => !MEANT.test(file)).map((file) => `${file} is not meant to be in it`),
    ...['README.md', 'LICENSE']
      .filter((file) => !existsSync(join(folder, file)) || readFileSync(join(folder, file)).length < 500)
      .map((file) => `${file} is missing or empty`),
    ...files.flatMap((file) => findTracesOfMachine(file, readFileSync(join(folder, file), 'utf8'), repository)),
    ...targetsOf(manifest)
      .filter((target) => !existsSync(join(folder, target)))
      .map((target) => `package.json names ${target}, which is not there`),
    ...findBadManifest(manifest),
    ...findImportFaults(folder, files, manifest),
  ]
}

function targetsOf({ bin = {}, exports = {} }: TarballManifest): string[] {
  const exported = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  )
  return [...Object.values(bin), ...exported]
}

function findTracesOfMachine(file: string, content: string, repository: string): string[] {
  const traces = [repository, `${homedir()}/`, 'sourceMappingURL', '@permitry/source', 'file:///']
  return traces.filter((trace) => content.includes(trace)).map((trace) => `${file} says \`${trace}\``)
}

function findBadManifest(manifest: TarballManifest): string[] {
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  return [
    ...(manifest.private === true ? ['package.json is private'] : []),
    ...(manifest.type === 'module' ? [] : ['package.json is not of type `module`']),
    ...(manifest.scripts === undefined ? [] : ['package.json has scripts']),
    ...dependencies
      .filter((name) => name.startsWith('@permitry/'))
      .map((name) => `it depends on the private \`${name}\``),
  ]
}

/** Every file that code asks for is in the tarball, and every package in package.json; and nothing is there that nobody asks for. */
function findImportFaults(folder: string, files: readonly string[], manifest: TarballManifest): string[] {
  const named = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  const code = files
    .filter((file) => /\.(?:js|d\.ts)$/.test(file))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')])
  const asked = code.flatMap(([file = '', content = '']) => [
    ...[...content.matchAll(IMPORT)].map(([, declared, called]) => ({ file, specifier: declared ?? called ?? '' })),
    ...[...content.matchAll(BY_URL)].map(([, specifier = '']) => ({ file, specifier })),
  ])
  if (files.includes(PAGE)) {
    const page = readFileSync(join(folder, PAGE), 'utf8')
    for (const [, asset] of page.matchAll(BY_PAGE)) asked.push({ file: PAGE, specifier: `./${asset}` })
  }
  // the server serves the page from its folder, and so names no file of it
  const reached = new Set([PAGE, ...targetsOf(manifest)].map((target) => resolve(folder, target)))
  const faults: string[] = []
  for (const { file, specifier } of asked) {
    if (specifier.startsWith('.')) {
      const target = resolve(folder, dirname(file), specifier)
      // a declaration imports `./a.js` and means `./a.d.ts` beside it
      const wanted = file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target
      if (!existsSync(wanted)) faults.push(`${file} asks for ${specifier}, which is not there`)
      reached.add(wanted)
    } else if (!specifier.startsWith('node:')) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
      if (!named.delete(name) && !isNamed(manifest, name))
        faults.push(`${file} imports ${name}, which package.json does not name`)
    }
  }
  const unused = [...named].filter((name) => manifest.peerDependencies?.[name] === undefined)
  const orphans = files.filter((file) => file.startsWith('dist/') && !reached.has(resolve(folder, file)))
  return [
    ...faults,
    ...unused.map((name) => `package.json names ${name}, which nothing imports`),
    ...orphans.map((file) => `${file} is there, and nothing asks for it`),
  ]
}

const isNamed = ({ dependencies = {}, peerDependencies = {} }: TarballManifest, name: string): boolean =>
  dependencies[name] !== undefined || peerDependencies[name] !== undefined

/** The names of values that a declaration promises, to be compared with what the module has. */
export function promisedValues(declaration: string): string[] {
  const declared = [...declaration.matchAll(/^export declare (?:function|class|const|let) (\w+)/gm)].map(
    ([, name = '']) => name,
  )
  const lists = [...declaration.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','))
  const listed = lists.map((item) => item.trim()).filter((item) => item !== '' && !item.startsWith('type '))
  return [...declared, ...listed.map((item) => item.replace(/^.* as /, ''))].toSorted()
}
