import { posix } from 'node:path'
import type { RepositoryFile } from './repository.ts'

const READER = /^export (?:async )?(?:function\*?|const) ((?:parse|read|split|expand)(?![a-z])\w*)/gm

/** Modules whose name says that they read, without a property test: why. */
const NOT_READERS: Readonly<Record<string, string>> = {
  'packages/cli/src/fields.ts': 'picks members from options that Commander has parsed',
  'packages/cli/src/config-file.ts': 'reads a file; its text goes to config/load.ts',
  'packages/cli/src/filters.ts': 'Date.parse and Number read; what is no time or no whole number is refused',
  'packages/cli/src/read-password.ts': 'asks at a terminal, and takes what is typed as it is',
  'packages/cli/src/settings.ts': 'reads the environment of whoever starts the server',
  'packages/server/src/config/entry.ts':
    'the schema of permitry.yaml for one entry; export.property.test.ts reads what it left out',
  'packages/server/src/access/access.ts': 'reads the database',
  'packages/server/src/account/bearer.ts': 'a scheme and the rest; what the rest may be, oauth/dpop and jose decide',
  'packages/server/src/account/id-token-hint.ts': 'jose reads the token',
  'packages/server/src/account/logout-request.ts': 'looks up what parseForm has read',
  'packages/server/src/admin/parse-request.ts':
    'oauth/json.ts parses the body, and the schemas of the contract do the rest',
  'packages/server/src/authorize/facts.ts': 'reads the database',
  'packages/server/src/authorize/stored-request.ts': 'reads the database; authorize/request.ts parses',
  'packages/server/src/commands/decision-lookups.ts': 'reads the database',
  'packages/server/src/console/session.ts': 'reads the database; http/cookies.ts reads the cookie',
  'packages/server/src/dpop/request.ts': 'oauth/dpop reads the proof',
  'packages/server/src/login/session.ts': 'reads the database; http/cookies.ts reads the cookie',
  'packages/server/src/register/dynamic/configuration-endpoint.ts': 'answers from the database',
  'packages/server/src/store/engine/migrate.ts': 'reads the database',
  'packages/server/src/store/engine/read-only.ts': 'keeps statements from writing',
  'packages/server/src/store/testing/story.ts': 'reads the database, for tests',
  'packages/server/src/token/introspection.ts': 'reads the database; jose reads the token',
}

/** Modules that read what somebody else wrote need a test with fast-check that imports them, or a reason. */
export function findUntestedParsers(files: readonly RepositoryFile[]): string[] {
  const tested = new Set(
    files
      .filter(({ path, text }) => path.endsWith('.test.ts') && text.includes("from 'fast-check'"))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) => posix.join(posix.dirname(path), target)),
      ),
  )
  const untested = files
    .filter(({ path }) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'))
    .filter(({ path }) => !tested.has(path) && !Object.hasOwn(NOT_READERS, path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(READER)].map(([, name]) => `${path}: \`${name}\` has no property test and no reason why not`),
    )
  const paths = new Set(files.map(({ path }) => path))
  const isWhole = paths.has('packages/server/src/index.ts')
  const gone = Object.keys(NOT_READERS).filter((path) => isWhole && !paths.has(path))
  return [...untested, ...gone.map((path) => `${path} is gone, and needs no reason any more`)]
}
