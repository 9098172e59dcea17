// Who may connect to anything: the store to its database, and `outbound/` to URLs that somebody else chose.
import { importsOf } from './imports.ts'
import type { RepositoryFile } from './repository.ts'

/** What runs in a server; what only tests import does not. */
const IN_SERVER = /^packages\/(?:server|cli)\/src\/.*\.ts$/
const FOR_TESTS = /\.test\.ts$|\/testing\/|\/testing\.ts$/

const OUTBOUND = 'packages/server/src/outbound/'
/** Fetches the server's own address, which the operator chose, and says whether it leads here. */
const SELF_TEST = 'packages/cli/src/serve/self-test.ts'
/** Asks what an operator names at a terminal, and addresses found there that `checkUrl` allows (doctor.ts). */
const DOCTOR = 'packages/cli/src/doctor/probe.ts'
const DATABASE = 'packages/server/src/store/engine/'

/** Modules that can open a connection, and those of their names that cannot. */
const CONNECTING: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['createServer'],
  'node:https': [],
  'node:http2': [],
  'node:net': ['isIP', 'BlockList'],
  'node:tls': [],
  'node:dns': [],
  'node:dns/promises': [],
  'node:dgram': [],
  'node:child_process': [],
  'node:module': [],
  undici: [],
  pg: [],
  'hono/proxy': [],
  'hono/client': [],
}
const WITHOUT_SCHEME = /^(?:https?|http2|net|tls|dns(?:\/promises)?|dgram|child_process|module)$/

/** Globals that connect, and what of jose, of the MCP SDK and of Node does it for their caller. */
const WORDS = [
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'createRemoteJWKSet',
  'StreamableHTTPClientTransport',
  'SSEClientTransport',
  'getBuiltinModule',
  'require',
]
const USED = new RegExp(
  `(?<![\\w.'\`#-])(?:${WORDS.join('|')})(?![\\w'\`-])|\\b(?:globalThis|self)\\s*(?:\\?\\.|\\.|\\[)`,
)
/** The handler that the server is, by which requests come in. */
const HANDLER = [
  'fetch(request: Request, bindings?: Bindings): Response | Promise<Response>',
  'fetch(request, bindings) {',
]
const COMMENT = /^\s*(?:\/\/|\/?\*)/

/** A door to the network outside of where there should be one. */
export function findNetworkDoors(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(({ path }) => IN_SERVER.test(path) && !FOR_TESTS.test(path) && !path.startsWith(OUTBOUND))
    .filter(({ path }) => path !== SELF_TEST && path !== DOCTOR)
    .flatMap(({ path, text }) => [
      ...connectingImports(path, text).map(
        (specifier) => `${path}: \`${specifier}\` can connect; ask \`realm.outbound\``,
      ),
      ...usedWords(text).map((line) => `${path}: \`${line}\` can connect; ask \`realm.outbound\``),
    ])
}

function connectingImports(path: string, text: string): string[] {
  const found = importsOf(text)
    .filter(({ specifier, typeOnly }) => !typeOnly && (specifier in CONNECTING || WITHOUT_SCHEME.test(specifier)))
    .map(({ specifier }) => specifier)
    .filter((specifier) => !(specifier === 'pg' && path.startsWith(DATABASE)))
  return [...new Set(found)].filter((specifier) => {
    const named = namesFrom(text, specifier)
    const isListed = named.length === found.filter((other) => other === specifier).length
    return !isListed || named.flat().some((name) => !CONNECTING[specifier]?.includes(name))
  })
}

/** The names of each import of a module that lists them, without types. */
function namesFrom(text: string, specifier: string): string[][] {
  const listing = new RegExp(`(?:import|export)\\s+\\{([^}]*)\\}\\s+from\\s+['"]${specifier}['"]`, 'g')
  return [...text.matchAll(listing)].map(([, names = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/\s+as\s.*/, ''))
      .filter((name) => name !== '' && !name.startsWith('type ')),
  )
}

function usedWords(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => USED.test(line) && !COMMENT.test(line))
    .map((line) => line.trim())
    .filter((line) => !HANDLER.includes(line))
}
