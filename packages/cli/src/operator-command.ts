import type { Operator } from '@permitry/server'
import type { Command } from 'commander'
import { jsonOption, tenantOption, type CommonOptions } from './options.ts'
import type { Terminal } from './terminal.ts'
import { withOperator } from './with-operator.ts'

/** What a command is called with: who runs it, its arguments in their order, its options, and how to print. */
export interface Call<Options, Args> {
  readonly operator: Operator
  readonly args: Args
  readonly options: Options & CommonOptions
  readonly command: Command
}

/**
 * Finishes a command about what is stored: it is about a tenant, prints for people or programs, and its work gets the operator
 * at the machine.
 */
export function withWork<Options, Args extends readonly unknown[] = readonly [string]>(
  terminal: Terminal,
  command: Command,
  work: (call: Call<Options, Args>) => Promise<void>,
): Command {
  return command
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(() => {
      const options = command.opts<Options & CommonOptions>()
      const args = command.processedArgs as unknown as Args
      return withOperator(terminal, { tenant: options.tenant }, (operator) =>
        work({ operator, args, options, command }),
      )
    })
}
