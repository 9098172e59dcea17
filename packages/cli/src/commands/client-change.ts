import { changeClient, type Entry, remakeClient, runCommand } from '@permitry/server'
import { Command } from 'commander'
import { CLIENT_FIELDS } from '../client-fields.ts'
import { addFields, readFields } from '../fields.ts'
import { type Call, withWork } from '../operator-command.ts'
import { unwrap } from '../report.ts'
import { print, type Terminal } from '../terminal.ts'

/** `permitry client change`, `authorize`, `unauthorize` and `secret`: what becomes different about a client. */
export function clientChangeCommands(terminal: Terminal): Command[] {
  return [changeCommand(terminal), authorizeCommand(terminal), unauthorizeCommand(terminal), secretCommand(terminal)]
}

function about(name: string, description: string): Command {
  return new Command(name).description(description).argument('<client>', 'id of the client')
}

function changeCommand(terminal: Terminal): Command {
  const command = about(
    'change',
    'change what the options name; everything else stays; one that gets a secret for the first time is told it',
  )
  return withWork<Entry>(terminal, addFields(command, CLIENT_FIELDS, 'change'), async (call) => {
    const said = await readFields(CLIENT_FIELDS, call.options, { operator: call.operator, terminal })
    await change(terminal, call, () => said, `changed ${call.args[0]}`)
  })
}

type ClientServer = readonly [client: string, server: string]

function authorizeCommand(terminal: Terminal): Command {
  const command = about('authorize', 'let a client ask for an MCP server')
    .argument('<server>', 'id of the MCP server')
    .option('--scopes <scopes...>', 'only for these; for all of today and of tomorrow when left out')
  return withWork<{ readonly scopes?: string[] }, ClientServer>(terminal, command, (call) => {
    const [id, server] = call.args
    const { scopes = 'all' } = call.options
    const authorize = (servers: Entry) => ({ servers: { ...servers, [server]: scopes } })
    return change(terminal, call, authorize, `${id} may ask for ${[scopes].flat().join(' ')} at ${server} now`)
  })
}

function unauthorizeCommand(terminal: Terminal): Command {
  const command = about(
    'unauthorize',
    'let a client no longer ask for an MCP server; guards with a credential refuse living access tokens at once',
  ).argument('<server>', 'id of the MCP server')
  return withWork<unknown, ClientServer>(terminal, command, (call) => {
    const [id, server] = call.args
    const without = (servers: Entry) => ({
      servers: Object.fromEntries(Object.entries(servers).filter(([other]) => other !== server)),
    })
    return change(terminal, call, without, `${id} may no longer ask for ${server}`)
  })
}

function secretCommand(terminal: Terminal): Command {
  const command = about('secret', 'make another secret, shown this once; the one of before counts no more')
  return withWork(terminal, command, (call) => change(terminal, call, () => ({}), `changed ${call.args[0]}`, true))
}

/** Changes a client as it stands in the unit. `edit` gets the MCP servers that it may ask for until now. */
async function change(
  terminal: Terminal,
  { operator, args: [id], options: { json } }: Call<unknown, readonly [string, ...string[]]>,
  edit: (servers: Entry) => Entry,
  changed: string,
  rotateSecret = false,
): Promise<void> {
  let secret: string | undefined
  const done = await runCommand(operator, changeClient, {
    id,
    edit: (before) => {
      const made = remakeClient(before, edit(before.servers), { rotateSecret })
      if (!made.ok) return made
      if (rotateSecret && made.value.secret === undefined)
        return { ok: false, error: `\`${id}\` has no secret: it authenticates by ${before.authMethod}` }
      secret = made.value.secret
      return { ok: true, value: made.value.definition }
    },
  })
  const isChanged = unwrap(done) === 'changed'
  if (json)
    return print(
      terminal,
      JSON.stringify({ changed: isChanged, id, ...(secret !== undefined && { client_secret: secret }) }),
    )
  print(terminal, isChanged ? changed : `${id} is so already`)
  if (secret !== undefined)
    print(terminal, `client_secret: ${secret}\n\nthe secret is not stored and not shown again: keep it now`)
}
