import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  addClient,
  CLIENT_TEMPLATES,
  type ClientTemplateName,
  findSubjectId,
  makeClient,
  type NewClient,
  runCommand,
} from '@permitry/server'
import { Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { clientMetadata, formatClient } from '../print-client.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { unwrap } from '../report.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

interface AddOptions extends CommonOptions {
  readonly template: ClientTemplateName
  readonly name?: string
  readonly type?: NonNullable<NewClient['type']>
  readonly auth?: NonNullable<NewClient['auth']>
  readonly grantType?: NonNullable<NewClient['grant_types']>
  readonly redirectUri?: string[]
  readonly server?: string[]
  readonly jwks?: string
  readonly jwksUri?: string
  readonly guards?: string[]
  readonly role?: string[]
  readonly owner?: string
}

const TEMPLATES = Object.entries(CLIENT_TEMPLATES).map(([name, { about }]) => `${name}, ${about}`)

/** `permitry client add`: registers a client and prints what belongs into its own configuration. */
export function clientAddCommand(terminal: Terminal): Command {
  return new Command('add')
    .description('register a client; its secret is made here and shown this once')
    .argument('<client>', 'id of the client, which never changes')
    .addOption(
      new Option('--template <name>', `what kind of client it is: ${TEMPLATES.join('; ')}`)
        .choices(Object.keys(CLIENT_TEMPLATES))
        .makeOptionMandatory(),
    )
    .option('--name <name>', 'what the consent page calls it; the id when left out')
    .option('--type <type>', 'web or native, where the template leaves it open')
    .option('--auth <method>', 'how it authenticates, where the template leaves it open')
    .option('--grant-type <types...>', 'in the place of those of the template')
    .option('--redirect-uri <uris...>', 'where codes may be sent')
    .option('--server <servers...>', 'MCP servers that it may ask for; id=scope,scope for some scopes only')
    .option('--jwks <file>', 'a JWK Set with its public keys')
    .option('--jwks-uri <uri>', 'where it publishes its public keys')
    .option('--guards <servers...>', 'MCP servers that it guards')
    .option('--role <roles...>', 'roles that it holds when it acts for itself')
    .option('--owner <person>', 'id or user name of the person who answers for it')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, options: AddOptions) =>
      withOperator(terminal, options, async (operator) => {
        const owner = options.owner === undefined ? undefined : await findSubjectId(operator, options.owner)
        const made = makeClient(clientOf(terminal, id, options, owner ?? options.owner))
        if (!made.ok) throw new CliError(made.error)
        const { definition, secret } = made.value
        unwrap(await runCommand(operator, addClient, definition))
        if (options.json) return print(terminal, JSON.stringify(clientMetadata(definition, secret)))
        print(terminal, `registered ${id}\n\n${formatClient(definition, secret)}`)
        if (secret !== undefined) print(terminal, '\nthe secret is not stored and not shown again: keep it now')
      }),
    )
}

function clientOf(terminal: Terminal, id: string, options: AddOptions, owner: string | undefined): NewClient {
  const { template, name = id, type, auth, grantType, redirectUri, jwks, jwksUri, guards, role } = options
  return {
    id,
    template,
    name,
    ...(type && { type }),
    ...(auth && { auth }),
    ...(grantType && { grant_types: grantType }),
    ...(redirectUri && { redirect_uris: redirectUri }),
    ...(jwks !== undefined && { jwks: readJwks(terminal, jwks) }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
    ...(guards && { guards }),
    ...(role && { roles: role }),
    ...(owner !== undefined && { owner }),
    servers: Object.fromEntries((options.server ?? []).map(parseServer)),
  }
}

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
