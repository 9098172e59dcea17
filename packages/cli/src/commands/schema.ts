import { configJsonSchema } from '@permitry/server'
import { Command } from 'commander'
import { print, type Terminal } from '../terminal.ts'

export function schemaCommand(terminal: Terminal): Command {
  return new Command('schema')
    .description('print the JSON Schema of permitry.yaml, for editors')
    .action(() => print(terminal, JSON.stringify(configJsonSchema(), null, 2)))
}
