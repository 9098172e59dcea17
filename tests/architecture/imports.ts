// The import table: which room may import which of our packages, by name.
import { posix } from 'node:path'
import type { RepositoryFile } from './repository.ts'

/** The door of each room. A room is a folder; what is not listed is refused, and so is a folder without a row. */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  'apps/console': ['@permitry/admin-api'],
  'packages/admin-api': [],
  'packages/oauth': [],
  'packages/policy': [],
  'packages/guard': ['@permitry/oauth', '@permitry/oauth/dpop', '@permitry/policy'],
  'packages/client': ['@permitry/oauth', '@permitry/oauth/address'],
  'packages/server': [
    '@permitry/admin-api',
    '@permitry/oauth',
    '@permitry/oauth/address',
    '@permitry/oauth/dpop',
    '@permitry/policy',
  ],
  'packages/gateway': ['@permitry/guard', '@permitry/guard/adapter'],
  'packages/cli': [
    '@permitry/admin-api',
    '@permitry/gateway',
    '@permitry/server',
    '@permitry/oauth',
    '@permitry/oauth/address',
    '@permitry/policy',
  ],
  'packages/testkit': ['@permitry/server', '@permitry/oauth', '@permitry/policy'],
  examples: [
    '@permitry/client',
    '@permitry/client/node',
    '@permitry/client/sqlite',
    '@permitry/guard',
    '@permitry/guard/express',
    'permitry',
    '@vet-assist/mcp-server',
  ],
  tests: [
    '@permitry/admin-api',
    '@permitry/client',
    '@permitry/client/node',
    '@permitry/client/sqlite',
    '@permitry/guard',
    '@permitry/guard/node',
    '@permitry/guard/express',
    '@permitry/gateway',
    '@permitry/oauth',
    '@permitry/policy',
    '@permitry/server',
    '@permitry/server/html',
    '@permitry/server/testing',
    '@permitry/testkit',
    '@vet-assist/app',
    '@vet-assist/mcp-server',
    'permitry',
    'permitry/src/testing.ts',
  ],
  scripts: [],
  bench: ['@permitry/guard', '@permitry/guard/node', '@permitry/server', '@permitry/testkit'],
}

/** These run on any JavaScript runtime, so their sources (not their tests) stay away from Node's own modules. */
const RUNTIME_NEUTRAL = ['packages/oauth', 'packages/policy', 'packages/guard', 'packages/client']
/** Adapters are the doors to a runtime or framework: they may name it, and only they. */
const ADAPTERS = /^packages\/guard\/src\/adapters\/|^packages\/client\/src\/node\//

const OURS = /^(@permitry\/|@vet-assist\/|permitry($|\/))/
const STATIC_IMPORT = /(?:^|[;\n])\s*(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s*)?['"]([^'"\n]+)['"]/g
const DYNAMIC_IMPORT = /\bimport\s*\(\s*['"]([^'"\n]+)['"]/g

type Import = { specifier: string; typeOnly: boolean }

/** Import and re-export declarations and `import()` calls with a literal; nothing else can reach another module here. */
export function importsOf(text: string): Import[] {
  const declared = [...text.matchAll(STATIC_IMPORT)].map((m) => ({
    specifier: m[2] ?? '',
    typeOnly: m[1] !== undefined,
  }))
  const called = [...text.matchAll(DYNAMIC_IMPORT)].map((m) => ({ specifier: m[1] ?? '', typeOnly: false }))
  return [...declared, ...called]
}

function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'packages' || top === 'apps' ? `${top}/${second}` : top
}

export function findForbiddenImports(files: readonly RepositoryFile[]): string[] {
  return files
    .filter((file) => file.path.endsWith('.ts') && file.path.includes('/'))
    .flatMap((file) => importsOf(file.text).flatMap((found) => complaintAbout(file.path, found) ?? []))
}

function complaintAbout(path: string, { specifier, typeOnly }: Import): string | undefined {
  const room = roomOf(path)
  const allowed = IMPORT_TABLE[room]
  if (allowed === undefined) return `${path}: \`${room}\` has no row in the import table`
  if (OURS.test(specifier) && !allowed.includes(specifier))
    return `${path}: \`${room}\` must not import \`${specifier}\``
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier)
    if (roomOf(target) !== room) return `${path}: \`${specifier}\` leaves \`${room}\`; import the package by its name`
  }
  const isSource = RUNTIME_NEUTRAL.includes(room) && !path.endsWith('.test.ts') && !ADAPTERS.test(path)
  if (isSource && specifier.startsWith('node:') && !typeOnly)
    return `${path}: \`${specifier}\` binds \`${room}\` to Node`
  return undefined
}
