// Checks on files one by one: size, environment, places that must not be named.
import type { RepositoryFile } from './repository.ts'

const MAX_LINES = 400
/** A file past the limit is listed with the reason why it is better whole. */
const LONG_FOR_A_REASON: Readonly<Record<string, string>> = {}

export function findLongFiles(files: readonly RepositoryFile[]): string[] {
  return files
    .filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file.path) && LONG_FOR_A_REASON[file.path] === undefined)
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
    .filter((file) => file.lines > MAX_LINES)
    .map((file) => `${file.path}: ${file.lines} lines, more than ${MAX_LINES}`)
}

/** One file an application: everything else is told its settings, so that nothing is configured behind the reader's back. */
const READS_ENVIRONMENT = new Set([
  'packages/cli/src/environment.ts',
  'examples/vet-assist/environment.ts',
  'examples/vet-assist/app/src/environment.ts',
  'examples/vet-assist/mcp-server/src/environment.ts',
  // tests ask here which PostgreSQL server they may use
  'packages/server/src/store/testing/databases.ts',
])
/** Tests and what only tests import may be told things by the environment, such as the address of a database. */
const FOR_TESTS = /\.test\.ts$|\/testing\/|^packages\/testkit\//
const ENVIRONMENT = /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[|\bfrom ['"](node:)?process['"]/

export function findEnvironmentReads(files: readonly RepositoryFile[]): string[] {
  return files
    .filter((file) => /^(packages|examples|apps)\/.*\.(ts|mjs)$/.test(file.path) && !FOR_TESTS.test(file.path))
    .filter((file) => !READS_ENVIRONMENT.has(file.path) && ENVIRONMENT.test(file.text))
    .map((file) => `${file.path}: reads the environment; take the value as an option`)
}

/** Hosts of package registries and absolute folders of somebody's machine: they work in one place only. */
const LOCAL_PLACES = /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|(?<![\w.@~/-])\/(?:work|root|Users|home\/[a-z]+)\//

export function findLocalPlaces(files: readonly RepositoryFile[]): string[] {
  return files.flatMap((file) => {
    const found = LOCAL_PLACES.exec(file.text)
    return found === null ? [] : [`${file.path}: names \`${found[0]}\`, which exists on one machine only`]
  })
}
