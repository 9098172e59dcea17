// What holds for the repository as a whole. Every check also gets a file that breaks it, so that none is green because it saw nothing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findEnvironmentReads, findLocalPlaces, findLongFiles } from './architecture/files.ts'
import { findForbiddenImports, IMPORT_TABLE, importsOf } from './architecture/imports.ts'
import { findLooseVersions, findUnexplainedDependencies } from './architecture/packages.ts'
import { findNetworkDoors } from './architecture/network.ts'
import { findUntestedParsers } from './architecture/parsers.ts'
import { findDeadLinks, findPoorPages, findUnknownScripts } from './architecture/pages.ts'
import { readRepository } from './architecture/repository.ts'
import type { RepositoryFile } from './architecture/repository.ts'
import { findStaleSnippets } from './architecture/snippets.ts'

const repository = readRepository()
const file = (path: string, text: string): RepositoryFile => ({ path, text })

type Check = {
  rule: string
  find: (files: readonly RepositoryFile[]) => string[]
  /** A file that breaks the rule, and a part of the complaint that must come of it. */
  broken: readonly (readonly [why: string, file: RepositoryFile, complaint: string])[]
}

const leaf = 'packages/oauth/src/a.ts'
const guard = 'packages/guard/src/a.ts'
const server = 'packages/server/src/a.ts'
const manifest = 'packages/extra/package.json'

const checks: readonly Check[] = [
  {
    rule: 'every module that parses or reads has a property test, or a reason why not',
    find: findUntestedParsers,
    broken: [
      ['a parser alone', file(leaf, 'export function parseThing(text: string) {}'), '`parseThing`'],
      ['one that waits', file(server, 'export async function readThing(text: string) {}'), '`readThing`'],
      ['a constant', file(guard, 'export const splitThing = (text: string) => text'), '`splitThing`'],
    ],
  },
  {
    rule: 'packages import each other only as the import table says',
    find: findForbiddenImports,
    broken: [
      ['a leaf imports a sibling', file(leaf, "import { a } from '@permitry/policy'"), '`@permitry/policy`'],
      ['a leaf imports Node', file(leaf, "import { readFileSync } from 'node:fs'"), '`node:fs`'],
      ['the server imports the guard', file(server, "import { guard } from '@permitry/guard'"), '`@permitry/guard`'],
      ['the guard imports a type', file(guard, "import type { Store } from '@permitry/server'"), '`@permitry/server`'],
      ['a re-export', file(guard, "export * from '@permitry/server'"), '`@permitry/server`'],
      ['an import for its effects', file(guard, "import '@permitry/server'"), '`@permitry/server`'],
      ['an import call', file(guard, "const s = await import('@permitry/server')"), '`@permitry/server`'],
      ['several lines', file(guard, "import {\n  a,\n  b,\n} from '@permitry/server'"), '`@permitry/server`'],
      ['an example uses a private package', file('examples/x/a.ts', "import '@permitry/server'"), '`@permitry/server`'],
      ['an example reaches inside', file('examples/x/a.ts', "import '@permitry/guard/src/a.ts'"), '/src/a.ts`'],
      [
        'a path into another package',
        file(guard, "import { a } from '../../server/src/b.ts'"),
        'leaves `packages/guard`',
      ],
      ['a package without a row', file('packages/extra/src/a.ts', "import { a } from './b.ts'"), 'no row'],
    ],
  },
  {
    rule: 'nothing in the server but outbound/ connects to what somebody else chose',
    find: findNetworkDoors,
    broken: [
      ['a fetch', file(server, 'const answer = await fetch(url)'), '`const answer = await fetch(url)`'],
      ['a fetch by another name', file(server, 'const send = fetch'), 'can connect'],
      ['a fetch of the global object', file(server, 'globalThis.fetch(url)'), 'can connect'],
      ['a fetch in the command line', file('packages/cli/src/a.ts', 'await fetch(url)'), 'can connect'],
      ['undici', file(server, "import { request } from 'undici'"), '`undici`'],
      ['https', file(server, "import { request } from 'node:https'"), '`node:https`'],
      ['a request by http', file(server, "import { createServer, request } from 'node:http'"), '`node:http`'],
      ['http as a whole', file(server, "import * as http from 'node:http'"), '`node:http`'],
      [
        'a second import',
        file(server, "import { isIP } from 'node:net'\nimport { connect } from 'node:net'"),
        'node:net',
      ],
      ['an import call', file(server, "const net = await import('node:net')"), '`node:net`'],
      ['a name without scheme', file(server, "import { connect } from 'tls'"), '`tls`'],
      ['a lookup', file(server, "import { lookup } from 'node:dns/promises'"), '`node:dns/promises`'],
      ['another process', file(server, "import { spawn } from 'node:child_process'"), '`node:child_process`'],
      ['a key set that jose fetches', file(server, 'const keys = createRemoteJWKSet(url)'), 'can connect'],
      [
        'the MCP client left to itself',
        file(server, 'const transport = new StreamableHTTPClientTransport(url)'),
        'can connect',
      ],
      ['the database from elsewhere', file(server, "import pg from 'pg'"), '`pg`'],
      ['a socket for the web', file(server, 'const socket = new WebSocket(url)'), 'can connect'],
    ],
  },
  {
    rule: 'the environment is read in one file of each application',
    find: findEnvironmentReads,
    broken: [
      ['a member', file(server, 'const port = process.env.PORT'), server],
      ['an index', file(server, "const port = process['env']['PORT']"), server],
      ['an import', file(server, "import { env } from 'node:process'"), server],
    ],
  },
  {
    rule: 'a source file has at most 400 lines or a reason',
    find: findLongFiles,
    broken: [['401 lines', file(server, 'x\n'.repeat(401)), `${server}: 401 lines`]],
  },
  {
    rule: 'nothing names a package registry or a folder of one machine',
    find: findLocalPlaces,
    broken: [
      ['a registry', file('.npmrc', `registry=https://${'registry'}.example.org/`), '.npmrc'],
      ['a folder', file('scripts/a.ts', `const root = '/${'work'}/main'`), 'scripts/a.ts'],
      ['a home', file('docs/a.md', `cd /${'root'}/permitry`), 'docs/a.md'],
    ],
  },
  {
    rule: 'every dependency has one exact version',
    find: findLooseVersions,
    broken: [
      ['a range', file(manifest, '{"dependencies":{"hono":"^4.0.0"}}'), '`^4.0.0`'],
      ['a tag', file(manifest, '{"devDependencies":{"hono":"latest"}}'), '`latest`'],
      ['an address', file(manifest, '{"optionalDependencies":{"hono":"github:honojs/hono"}}'), '`github:honojs/hono`'],
    ],
  },
  {
    rule: 'every dependency has its sentence in docs/dependencies.md, and every sentence its dependency',
    find: findUnexplainedDependencies,
    broken: [
      ['no sentence', file(manifest, '{"dependencies":{"left-pad":"1.3.0"}}'), 'no sentence for `left-pad 1.3.0`'],
      ['another version', file(manifest, '{"dependencies":{"hono":"1.0.0"}}'), 'no sentence for `hono 1.0.0`'],
      [
        'no dependency',
        file('docs/dependencies.md', '- `left-pad` 1.3.0, WTFPL: pads\n'),
        '`left-pad 1.3.0` is not used',
      ],
      ['no reason', file('docs/dependencies.md', '- `hono` 4.13.19, MIT:\n'), 'no sentence for `hono'],
    ],
  },
  {
    rule: 'the pages that a reader looks for exist, short enough to be read',
    find: findPoorPages,
    broken: [
      ['a long README', file('README.md', 'x\n'.repeat(151)), 'README.md: 151 lines'],
      ['a long decision', file('docs/adr/0099-a.md', 'x\n'.repeat(41)), '0099-a.md: 41 lines'],
      [
        'a decision without its end',
        file('docs/adr/0099-a.md', '## Context\n'),
        'no `## We would know that it was wrong`',
      ],
    ],
  },
  {
    rule: 'a command in the docs or in CI is one that package.json has',
    find: findUnknownScripts,
    broken: [
      ['in a page', file('docs/a.md', 'Now `npm run moon`.'), '`npm run moon`'],
      ['in CI', file('.ci/run', 'npm run --silent moon'), '`npm run moon`'],
    ],
  },
  {
    rule: 'a link in the docs leads to a file that exists',
    find: findDeadLinks,
    broken: [
      ['a file', file('docs/a.md', 'See [there](gone.md).'), '`gone.md`'],
      ['a picture, with an anchor', file('docs/a.md', '![x](../gone.png#y)'), '`../gone.png`'],
    ],
  },
  {
    rule: 'code in the docs is what the quoted file says',
    find: findStaleSnippets,
    broken: [
      [
        'another text',
        file('docs/a.md', '<!-- file: package.json -->\n```json\n{ "name": "else" }\n```\n'),
        'no longer',
      ],
      ['a file that is gone', file('docs/a.md', '<!-- file: gone.ts -->\n```ts\nconst a = 1\n```\n'), 'does not exist'],
      ['a marker alone', file('docs/a.md', '<!-- file: package.json -->\nSee there.\n'), 'without a code block'],
    ],
  },
]

for (const { rule, find, broken } of checks) {
  describe(rule, () => {
    it('holds for this repository', () => assert.deepEqual(find(repository), []))
    for (const [why, sample, complaint] of broken) {
      it(`finds a violation: ${why}`, () => {
        const others = repository.filter(({ path }) => path !== sample.path)
        const complaints = find([...others, sample])
        assert.ok(
          complaints.some((text) => text.includes(complaint)),
          `expected \`${complaint}\` in ${JSON.stringify(complaints)}`,
        )
      })
    }
  })
}

describe('the checks see the repository', () => {
  it('reads files of every room in the import table', () => {
    const unread = Object.keys(IMPORT_TABLE).filter(
      (room) => !repository.some(({ path }) => path.startsWith(`${room}/`)),
    )
    assert.deepEqual(unread, [])
  })

  it('misses a page that is gone', () => {
    const others = repository.filter(({ path }) => path !== 'LICENSE')
    assert.ok(findPoorPages(others).includes('LICENSE is missing'))
  })

  it('reads the imports of a file', () => {
    const self = repository.find(({ path }) => path === 'tests/architecture.test.ts')
    const specifiers = importsOf(self?.text ?? '').map(({ specifier }) => specifier)
    assert.ok(specifiers.includes('./architecture/snippets.ts') && specifiers.includes('node:test'))
  })

  it('accepts a snippet that is indented deeper in its file', () => {
    const source = file('a.ts', 'function f() {\n  if (x) {\n\n    g()\n  }\n}\n')
    const page = file('docs/a.md', '<!-- file: a.ts -->\n```ts\nif (x) {\n\n  g()\n}\n```\n')
    assert.deepEqual(findStaleSnippets([source, page]), [])
  })
})
