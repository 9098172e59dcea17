import type { Readable, Writable } from 'node:stream'
import type { Environment } from './environment.ts'

/** What a command sees of the outside world. */
export interface Terminal {
  readonly environment: Environment
  /** Relative paths of arguments and variables are resolved against this folder. */
  readonly folder: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable
  /** Resolves when the process is asked to stop; from the first call on, asking does not kill it. */
  readonly stopRequested: () => Promise<void>
}

export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}
