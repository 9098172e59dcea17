// The package.json of a tarball. The one in the workspace points at sources and private packages, which nobody can install.
import { builtName, type Manifest, type Published } from './packages.ts'

/**
 * What npm shall read: built files only, without the condition for sources, and as dependencies exactly what the built code
 * imports. Fails when that is something without a version, so that no package depends on what happens to be installed.
 */
export function tarballManifest(
  { manifest }: Published,
  imported: ReadonlySet<string>,
  versions: ReadonlyMap<string, string>,
): object {
  const peers = manifest.peerDependencies ?? {}
  const names = [...imported].filter((name) => peers[name] === undefined).toSorted()
  const dependencies = Object.fromEntries(
    names.map((name) => {
      const version = versions.get(name)
      if (version === undefined) throw new Error(`${manifest.name} imports \`${name}\`, which no package.json names`)
      return [name, isLibrary(manifest) ? `^${version}` : version]
    }),
  )
  return {
    name: manifest.name,
    version: manifest.version,
    description: manifest.description,
    license: manifest.license,
    type: 'module',
    sideEffects: manifest.sideEffects,
    bin: mapValues(manifest.bin, builtName),
    exports: manifest.exports && {
      ...mapValues(manifest.exports, (target) => ({ types: target.types, default: target.default })),
      './package.json': './package.json',
    },
    files: ['dist'],
    engines: manifest.engines,
    dependencies,
    peerDependencies: manifest.peerDependencies,
    peerDependenciesMeta: manifest.peerDependenciesMeta,
  }
}

/**
 * A library shares its dependencies with the program that uses it and takes their fixes without a release of ours (`^`);
 * the command runs on exactly what it was tested with.
 */
const isLibrary = (manifest: Manifest): boolean => manifest.exports !== undefined

function mapValues<T, U>(record: Readonly<Record<string, T>> | undefined, map: (value: T) => U) {
  return record && Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
