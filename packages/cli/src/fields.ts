import type { Operator } from '@permitry/server'
import { type Command, Option } from 'commander'
import type { Terminal } from './terminal.ts'

/** Where a value is read: some are files, and some are people by their user names. */
export interface Reading {
  readonly operator: Operator
  readonly terminal: Terminal
}

/** An option that says one member of a definition, under the name that the member has in `permitry.yaml`. */
export interface Field {
  readonly flags: string
  readonly description: string
  readonly key: string
  /** Nothing can be added without it. */
  readonly required?: true
  /** It may be taken away again. */
  readonly clearable?: true
  /** What the words of the option mean; they are taken as they are when left out. */
  readonly read?: (said: string | readonly string[], reading: Reading) => unknown
}

/** Adds the options of fields; for a change each of them may be left out, and some can be cleared. */
export function addFields(command: Command, fields: readonly Field[], use: 'add' | 'change'): Command {
  for (const field of fields)
    command.addOption(optionOf(field).makeOptionMandatory(use === 'add' && field.required === true))
  const clearable = fields.filter((field) => field.clearable).map(nameOf)
  if (use === 'change' && clearable.length > 0)
    command.addOption(
      new Option('--clear <options...>', `what is taken away: ${clearable.join(', ')}`).choices(clearable),
    )
  return command
}

/** What the options of a call say, by member; members that nobody spoke of are not in it, and cleared ones are undefined. */
export async function readFields(
  fields: readonly Field[],
  options: Readonly<Record<string, unknown>>,
  reading: Reading,
): Promise<Readonly<Record<string, unknown>>> {
  const said: Record<string, unknown> = {}
  const cleared = (options['clear'] ?? []) as readonly string[]
  for (const field of fields) {
    const value = options[optionOf(field).attributeName()] as string | readonly string[] | undefined
    if (cleared.includes(nameOf(field))) said[field.key] = undefined
    else if (value !== undefined) said[field.key] = field.read ? await field.read(value, reading) : value
  }
  return said
}

function optionOf({ flags, description }: Field): Option {
  return new Option(flags, description)
}

function nameOf(field: Field): string {
  return optionOf(field).name()
}
