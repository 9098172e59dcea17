// Checks on what we depend on: exact versions, and a reason for each.
import type { RepositoryFile } from './repository.ts'

type Manifest = Partial<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>>
type Dependency = { path: string; name: string; version: string }

const OURS = /^(@permitry\/|@vet-assist\/|permitry$)/
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

function dependenciesOf(files: readonly RepositoryFile[]): Dependency[] {
  return files
    .filter((file) => /(^|\/)package\.json$/.test(file.path))
    .flatMap((file) => {
      const manifest = JSON.parse(file.text) as Manifest
      return [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
        .flatMap((group) => Object.entries(group ?? {}))
        .map(([name, version]) => ({ path: file.path, name, version }))
    })
}

export function findLooseVersions(files: readonly RepositoryFile[]): string[] {
  return dependenciesOf(files)
    .filter(({ version }) => !EXACT.test(version))
    .map(({ path, name, version }) => `${path}: \`${name}\` is \`${version}\`, not an exact version`)
}

/** Both directions: a dependency without its sentence, and a sentence for something that is gone or was upgraded. */
export function findUnexplainedDependencies(files: readonly RepositoryFile[]): string[] {
  const text = files.find((file) => file.path === 'docs/dependencies.md')?.text ?? ''
  const explained = new Set([...text.matchAll(/^- `([^`]+)` (\S+), [^:]+: \S.*$/gm)].map((m) => `${m[1]} ${m[2]}`))
  const used = new Set(
    dependenciesOf(files)
      .filter(({ name }) => !OURS.test(name))
      .map(({ name, version }) => `${name} ${version}`),
  )
  return [
    ...[...used].filter((d) => !explained.has(d)).map((d) => `docs/dependencies.md: no sentence for \`${d}\``),
    ...[...explained].filter((d) => !used.has(d)).map((d) => `docs/dependencies.md: \`${d}\` is not used`),
  ]
}
