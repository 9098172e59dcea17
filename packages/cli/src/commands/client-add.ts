import {
  addClient,
  CLIENT_TEMPLATES,
  type ClientTemplateName,
  type Entry,
  makeClient,
  runCommand,
} from '@permitry/server'
import { Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { CLIENT_FIELDS } from '../client-fields.ts'
import { addFields, readFields } from '../fields.ts'
import { withWork } from '../operator-command.ts'
import { clientMetadata, formatClient } from '../print-client.ts'
import { unwrap } from '../report.ts'
import { print, type Terminal } from '../terminal.ts'

const TEMPLATES = Object.entries(CLIENT_TEMPLATES).map(([name, { about }]) => `${name}, ${about}`)

/** `permitry client add`: registers a client and prints what belongs into its own configuration. */
export function clientAddCommand(terminal: Terminal): Command {
  const command = new Command('add')
    .description('register a client; its secret is made here and shown this once')
    .argument('<client>', 'id of the client, which never changes')
    .addOption(
      new Option('--template <name>', `what kind of client it is: ${TEMPLATES.join('; ')}`)
        .choices(Object.keys(CLIENT_TEMPLATES))
        .makeOptionMandatory(),
    )
  return withWork<Entry & { readonly template: ClientTemplateName }>(
    terminal,
    addFields(command, CLIENT_FIELDS, 'add'),
    async ({ operator, args: [id], options }) => {
      const said = await readFields(CLIENT_FIELDS, options, { operator, terminal })
      const made = makeClient({ id, name: id, template: options.template, ...said })
      if (!made.ok) throw new CliError(made.error)
      const { definition, secret } = made.value
      unwrap(await runCommand(operator, addClient, definition))
      if (options.json) return print(terminal, JSON.stringify(clientMetadata(definition, secret)))
      print(terminal, `registered ${id}\n\n${formatClient(definition, secret)}`)
      if (secret !== undefined) print(terminal, '\nthe secret is not stored and not shown again: keep it now')
    },
  )
}
