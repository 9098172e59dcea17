import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from './cli-error.ts'
import { requireSubject } from './find.ts'
import type { Field } from './fields.ts'
import type { Terminal } from './terminal.ts'

/** What `client add` and `client change` may say of a client; the template fills in what they leave out. */
export const CLIENT_FIELDS: readonly Field[] = [
  { flags: '--name <name>', description: 'what the consent page calls it; the id when left out at first', key: 'name' },
  { flags: '--type <type>', description: 'web or native, where the template leaves it open', key: 'type' },
  { flags: '--auth <method>', description: 'how it authenticates, where the template leaves it open', key: 'auth' },
  { flags: '--grant-type <types...>', description: 'in the place of those of the template', key: 'grant_types' },
  {
    flags: '--redirect-uri <uris...>',
    description: 'where codes may be sent',
    key: 'redirect_uris',
    clearable: true,
  },
  {
    flags: '--post-logout-redirect-uri <uris...>',
    description: 'where a browser may be sent after signing out',
    key: 'post_logout_redirect_uris',
    clearable: true,
  },
  {
    flags: '--server <servers...>',
    description: 'MCP servers that it may ask for; id=scope,scope for some scopes only',
    key: 'servers',
    clearable: true,
    read: (said) => Object.fromEntries([said].flat().map(parseServer)),
  },
  {
    flags: '--jwks <file>',
    description: 'a JWK Set with its public keys',
    key: 'jwks',
    clearable: true,
    read: (file, { terminal }) => readJwks(terminal, String(file)),
  },
  { flags: '--jwks-uri <uri>', description: 'where it publishes its public keys', key: 'jwks_uri', clearable: true },
  {
    flags: '--id-token-alg <alg>',
    description: 'how its ID tokens are signed; RS256 when left out',
    key: 'id_token_alg',
    clearable: true,
  },
  {
    flags: '--dpop <need>',
    description: 'required binds its tokens to a key (RFC 9449); optional when left out',
    key: 'dpop',
    clearable: true,
  },
  { flags: '--guards <servers...>', description: 'MCP servers that it guards', key: 'guards', clearable: true },
  {
    flags: '--role <roles...>',
    description: 'roles that it holds when it acts for itself',
    key: 'roles',
    clearable: true,
  },
  {
    flags: '--owner <person>',
    description: 'id or user name of the person who answers for it',
    key: 'owner',
    clearable: true,
    read: (person, { operator }) => requireSubject(operator, String(person)),
  },
]

function parseServer(text: string): [id: string, scopes: 'all' | string[]] {
  const [id = '', scopes] = text.split('=', 2)
  return [id, scopes === undefined ? 'all' : scopes.split(',')]
}

function readJwks({ folder }: Terminal, file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as Record<string, unknown>
  } catch {
    throw new CliError(`\`${file}\` is no JWK Set that can be read: name a JSON file with \`keys\``)
  }
}
