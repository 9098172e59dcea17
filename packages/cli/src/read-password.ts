import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { checkPasswordRules } from '@permitry/server'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/** Longer input is no password; reading on would only fill the memory. */
const MAX_INPUT_LENGTH = 65_536

/**
 * A new password from the keyboard, asked for twice without echo, or from a pipe. Never from the command line, which
 * every user of the machine can read in the list of processes.
 */
export async function readNewPassword(terminal: Terminal): Promise<string> {
  const password = terminal.stdin.isTTY ? await ask(terminal) : await readPipe(terminal)
  const problem = checkPasswordRules(password)
  if (problem !== undefined) throw new CliError(`${problem}: choose another one`)
  return password
}

async function ask({ stdin, stderr }: Terminal): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const keyboard = createInterface({ input: stdin, output: silent, terminal: true })
  try {
    stderr.write('new password: ')
    const first = await keyboard.question('')
    stderr.write('\nonce more: ')
    const second = await keyboard.question('')
    stderr.write('\n')
    if (first !== second) throw new CliError('the two passwords differ: try again')
    return first
  } finally {
    keyboard.close()
  }
}

async function readPipe({ stdin }: Terminal): Promise<string> {
  let text = ''
  stdin.setEncoding('utf8')
  for await (const chunk of stdin) {
    text += String(chunk)
    if (text.length > MAX_INPUT_LENGTH)
      throw new CliError('the password is longer than 1024 characters: choose another one')
  }
  // `echo` and most files end in a line break that nobody means.
  return text.replace(/\r?\n$/, '')
}
