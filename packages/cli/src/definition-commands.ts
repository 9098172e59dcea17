import { type Command as StateCommand, type Edit, type Operator, runCommand } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { confirm } from './confirm.ts'
import { addFields, type Field, readFields } from './fields.ts'
import { formatMembers } from './format-members.ts'
import { withWork } from './operator-command.ts'
import { report } from './report.ts'
import { formatTable } from './table.ts'
import { print, type Terminal } from './terminal.ts'

type Members = Readonly<Record<string, unknown>>
type Made<D> = { readonly ok: true; readonly value: D } | { readonly ok: false; readonly error: string }

/** One kind of thing that operators define, and how the commands about it read and print it. */
export interface Kind<T> {
  readonly noun: string
  readonly plural: string
  /** What the argument that names one means. */
  readonly about: string
  readonly list: (operator: Operator) => Promise<readonly T[]>
  /** The one that is meant by a word; a failure is a sentence. */
  readonly find: (operator: Operator, named: string) => Promise<T>
  /** The one shape in which programs get it, in `list` as in `show`. */
  readonly toJson: (item: T) => Members
  readonly columns: readonly (readonly [heading: string, cell: (item: T) => string])[]
}

/** `list`: a table for people, an array for programs. */
export function listCommand<T>(terminal: Terminal, kind: Kind<T>): Command {
  const command = new Command('list').description(`list ${kind.plural}`)
  return withWork(terminal, command, async ({ operator, options: { json } }) => {
    const items = await kind.list(operator)
    if (json) return print(terminal, JSON.stringify(items.map(kind.toJson)))
    const rows = items.map((item) => kind.columns.map(([, cell]) => cell(item)))
    print(
      terminal,
      formatTable(
        kind.columns.map(([heading]) => heading),
        rows,
      ),
    )
  })
}

/** `show`: everything about one. */
export function showCommand<T>(terminal: Terminal, kind: Kind<T>): Command {
  const command = new Command('show')
    .description(`show one of the ${kind.plural}`)
    .argument(`<${kind.noun}>`, kind.about)
  return withWork(terminal, command, async ({ operator, args: [named], options: { json } }) => {
    const members = kind.toJson(await kind.find(operator, named))
    print(terminal, json ? JSON.stringify(members) : formatMembers(members))
  })
}

/** `add`: one that is not there yet. */
export function addCommand<T, D extends { readonly id: string }>(
  terminal: Terminal,
  { noun }: Kind<T>,
  description: string,
  fields: readonly Field[],
  make: (members: Members, terminal: Terminal) => Made<D>,
  add: StateCommand<D>,
): Command {
  const command = new Command('add').description(description).argument(`<${noun}>`, 'its id, which never changes')
  return withWork<Members>(terminal, addFields(command, fields, 'add'), async ({ operator, args: [id], options }) => {
    const members = { id, name: id, ...(await readFields(fields, options, { operator, terminal })) }
    const made = make(members, terminal)
    if (!made.ok) throw new CliError(made.error)
    const done = await runCommand(operator, add, made.value)
    report(terminal, options.json, done, { id, changed: `added ${id}`, unchanged: '' })
  })
}

/** `change`: what the options name becomes so, and everything else stays. */
export function changeCommand<T extends { readonly id: string }, D>(
  terminal: Terminal,
  kind: Kind<T>,
  fields: readonly Field[],
  edit: (before: D, said: Members, terminal: Terminal) => Made<D>,
  change: StateCommand<Edit<D>>,
): Command {
  const command = new Command('change')
    .description('change what the options name; everything else stays')
    .argument(`<${kind.noun}>`, kind.about)
  return withWork<Members>(
    terminal,
    addFields(command, fields, 'change'),
    async ({ operator, args: [named], options }) => {
      const { id } = await kind.find(operator, named)
      const said = await readFields(fields, options, { operator, terminal })
      const done = await runCommand(operator, change, { id, edit: (before) => edit(before, said, terminal) })
      report(terminal, options.json, done, { id, changed: `changed ${id}`, unchanged: `${id} is so already` })
    },
  )
}

/** `remove`: asks first, since what was granted through it goes too. */
export function removeCommand<T extends { readonly id: string }>(
  terminal: Terminal,
  kind: Kind<T>,
  description: string,
  remove: StateCommand<{ readonly id: string }>,
): Command {
  const command = new Command('remove')
    .description(description)
    .argument(`<${kind.noun}>`, kind.about)
    .option('--yes', 'do not ask before removing', false)
  return withWork<{ readonly yes: boolean }>(terminal, command, async ({ operator, args: [named], options }) => {
    const { id } = await kind.find(operator, named)
    if (!options.yes) await confirm(terminal, `remove ${kind.noun} ${id}?`, 'repeat with --yes to remove')
    const done = await runCommand(operator, remove, { id })
    report(terminal, options.json, done, { id, changed: `removed ${id}`, unchanged: '' })
  })
}
