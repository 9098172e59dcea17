import { changeServer, type Entry, makeServer, runCommand, serverEntry } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { confirm } from '../confirm.ts'
import { addFields, type Field, readFields } from '../fields.ts'
import { configuredIssuer } from '../issuer.ts'
import { type Call, withWork } from '../operator-command.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'

/** What an MCP server has several of, each with a name. */
interface Part {
  readonly noun: string
  readonly key: 'scopes' | 'tools'
  readonly about: string
  readonly fields: readonly Field[]
  /** What becomes of the rest of the server. */
  readonly settle?: (server: Entry, name: string, said: Entry | undefined) => Entry
}

const SCOPE: Part = {
  noun: 'scope',
  key: 'scopes',
  about: 'what tokens carry, such as pet-profile:read',
  fields: [
    {
      flags: '--title <text>',
      description: 'what the consent page says, in the words of who reads it',
      key: 'title',
      required: true,
    },
    { flags: '--description <text>', description: 'one more sentence', key: 'description', clearable: true },
    { flags: '--risk <risk>', description: 'read, write or destructive', key: 'risk', required: true },
    { flags: '--implies <scopes...>', description: 'scopes that its holder has too', key: 'implies', clearable: true },
    {
      flags: '--default <yes or no>',
      description: 'whether a request that names no scope asks for it',
      key: 'default',
      read: readYesOrNo,
    },
  ],
  settle: settleDefault,
}

const TOOL: Part = {
  noun: 'tool',
  key: 'tools',
  about: 'its name in MCP',
  fields: [
    {
      flags: '--scope <scopes...>',
      description: 'all scopes that one call needs',
      key: 'scopes',
      required: true,
    },
    {
      flags: '--title <text>',
      description: 'what the consent page calls it; its name when left out',
      key: 'title',
      clearable: true,
    },
  ],
}

export function scopeCommand(terminal: Terminal): Command {
  return partCommand(terminal, SCOPE, 'say what tokens for an MCP server can carry')
}

export function toolCommand(terminal: Terminal): Command {
  return partCommand(
    terminal,
    TOOL,
    'say which scopes the tools of an MCP server need, for consent; its guard has rules of its own',
  )
}

function partCommand(terminal: Terminal, part: Part, description: string): Command {
  return new Command(part.noun)
    .description(description)
    .addCommand(addPart(terminal, part))
    .addCommand(changePart(terminal, part))
    .addCommand(removePart(terminal, part))
}

type Names = readonly [server: string, name: string]
type Items = readonly Entry[]

function addPart(terminal: Terminal, part: Part): Command {
  const command = aboutPart('add', `add a ${part.noun}`, part)
  return withWork<Entry, Names>(terminal, addFields(command, part.fields, 'add'), async (call) => {
    const said = await readFields(part.fields, call.options, { operator: call.operator, terminal })
    const told = { changed: `added ${call.args[1]}`, unchanged: '' }
    await editParts(terminal, call, part, told, said, (items, name) => [...items, { name, ...said }])
  })
}

function changePart(terminal: Terminal, part: Part): Command {
  const command = aboutPart('change', 'change what the options name; everything else stays', part)
  return withWork<Entry, Names>(terminal, addFields(command, part.fields, 'change'), async (call) => {
    const said = await readFields(part.fields, call.options, { operator: call.operator, terminal })
    const told = { changed: `changed ${call.args[1]}`, unchanged: `${call.args[1]} is so already` }
    await editParts(terminal, call, part, told, said, (items, name) =>
      isThere(items, name) ? items.map((item) => (item['name'] === name ? { ...item, ...said } : item)) : undefined,
    )
  })
}

function removePart(terminal: Terminal, part: Part): Command {
  const command = aboutPart('remove', `remove a ${part.noun}`, part).option(
    '--yes',
    'do not ask before removing',
    false,
  )
  return withWork<{ readonly yes: boolean }, Names>(terminal, command, async (call) => {
    const [, name] = call.args
    if (!call.options.yes) await confirm(terminal, `remove ${part.noun} ${name}?`, 'repeat with --yes to remove')
    const told = { changed: `removed ${name}`, unchanged: '' }
    await editParts(terminal, call, part, told, undefined, (items) =>
      isThere(items, name) ? items.filter((item) => item['name'] !== name) : undefined,
    )
  })
}

function aboutPart(name: string, description: string, part: Part): Command {
  return new Command(name)
    .description(description)
    .argument('<server>', 'id of the MCP server')
    .argument(`<${part.noun}>`, part.about)
}

function isThere(items: Items, name: string): boolean {
  return items.some((item) => item['name'] === name)
}

/** Edits one list of a server as it stands in the unit; undefined where there is nothing of that name to edit. */
async function editParts(
  terminal: Terminal,
  { operator, args: [id, name], options: { json } }: Call<unknown, Names>,
  { noun, key, settle }: Part,
  told: { readonly changed: string; readonly unchanged: string },
  said: Entry | undefined,
  edit: (items: Items, name: string) => Items | undefined,
): Promise<void> {
  const issuer = configuredIssuer(terminal)
  const done = await runCommand(operator, changeServer, {
    id,
    edit: (server) => {
      const entry = serverEntry(server)
      const items = edit(entry[key] as Items, name)
      if (!items) return { ok: false, error: `there is no ${noun} \`${name}\` at \`${id}\`: check the spelling` }
      const edited = { ...entry, [key]: items }
      return makeServer(settle ? settle(edited, name, said) : edited, issuer)
    },
  })
  report(terminal, json, done, { id: name, ...told })
}

/** Which scopes are asked for by default is said beside them in the file. What is gone is not asked for any more. */
function settleDefault(server: Entry, name: string, said: Entry | undefined): Entry {
  const before = server['default_scopes'] as readonly string[]
  const others = before.filter((scope) => scope !== name)
  const isDefault = said === undefined ? false : ((said['default'] as boolean | undefined) ?? before.includes(name))
  const scopes = (server['scopes'] as Items).map((scope) =>
    Object.fromEntries(Object.entries(scope).filter(([key]) => key !== 'default')),
  )
  return { ...server, scopes, default_scopes: isDefault ? [...others, name] : others }
}

function readYesOrNo(said: string | readonly string[]): boolean {
  if (said !== 'yes' && said !== 'no') throw new CliError('`--default` is yes or no')
  return said === 'yes'
}
