import { createInterface } from 'node:readline/promises'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** Asks whether to go on. Whatever is not a yes ends the command, and so does a terminal at which nobody sits. */
export async function confirm({ stdin, stderr }: Terminal, question: string, unattended: string): Promise<true> {
  if (!stdin.isTTY) throw new CliError(`nobody is there to ask: ${unattended}`)
  const keyboard = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await keyboard.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was changed')
    return true
  } finally {
    keyboard.close()
  }
}
