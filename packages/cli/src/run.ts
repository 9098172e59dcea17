import { CommanderError } from 'commander'
import { CliError, EXIT } from './cli-error.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command line and returns its exit code. An error that an operator can put right is one sentence on stderr. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const isExpected = error instanceof CliError
    const text = isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)
    terminal.stderr.write(`permitry: ${text}\n`)
    return EXIT.failure
  }
}
