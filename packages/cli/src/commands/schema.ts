import { configJsonSchema } from '@permitry/server'
import { Command } from 'commander'
import { print, type Terminal } from '../terminal.ts'

export function schemaCommand(terminal: Terminal): Command {
  return new Command('schema')
    .description('print the JSON Schema of permitry.yaml, for editors')
    .option('--rules', 'print that of rules.yaml, which `permitry protect` reads', false)
    .action(async ({ rules }: { readonly rules: boolean }) => {
      const schema = rules ? (await import('@permitry/gateway')).rulesJsonSchema() : configJsonSchema()
      print(terminal, JSON.stringify(schema, null, 2))
    })
}
