// One server of the example as a process of its own: its log goes to a file, its last words to the terminal.
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type ServerProcess = {
  /** Resolves when the server says that it serves; rejects when it ends before. */
  ready: Promise<void>
  /** Resolves with the exit code, whatever the reason. */
  ended: Promise<number>
  /** Asks it to end, once: a second signal would cut what it still answers. */
  stop(): void
}

export type ServerCommand = {
  command: string
  args: readonly string[]
  variables: Readonly<Record<string, string | undefined>>
  /** Found in a line of its standard output when it serves. */
  readyWhen: RegExp
  logFile: string
}

export function startServer({ command, args, variables, readyWhen, logFile }: ServerCommand): ServerProcess {
  // A process group of its own: the launcher alone answers Ctrl-C, and the servers end once and in order.
  const child = spawn(command, args, { env: variables, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  child.stdout.pipe(log)
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => readyWhen.test(line) && resolve())
    ended.then((code) => reject(new Error(`${command} ended with ${code}`)), reject)
  })
  const stop = () => void (child.killed || child.kill('SIGTERM'))
  return { ready, ended, stop }
}
