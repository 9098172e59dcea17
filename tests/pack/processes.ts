// Runs programs as somebody does who has nothing of this repository: without our variables, conditions and npm settings.
import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export type Finished = { code: number | null; out: string; err: string }
export type Where = { cwd: string; env?: Readonly<Record<string, string>>; node?: string }

/** What a person's shell would have: npm tells its scripts about the workspace by variables, and none of them comes along. */
function cleanEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { HOME: process.env['HOME'] ?? '', PATH: path.join(':'), ...more }
}

/** Starts a Node program on one of the installed lines, on this process's own Node unless told otherwise. */
export function start(args: readonly string[], { cwd, env = {}, node = process.execPath }: Where): ChildProcess {
  return spawn(node, args, { cwd, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] })
}

export async function run(args: readonly string[], where: Where): Promise<Finished> {
  return finish(start(args, where))
}

/** npm of the machine, as a person calls it; throws with what it said when it fails. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const child = spawn('npm', args, { cwd, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, out, err } = await finish(child)
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}: ${err}`)
  return out
}

export async function finish(child: ChildProcess): Promise<Finished> {
  const exited = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exited])
  return { code, out, err }
}

/** Waits for a line on standard output, and fails with what the program said when it ends before. */
export async function waitForLine(child: ChildProcess, wanted: RegExp): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk.toString()
      const [line] = wanted.exec(said) ?? []
      if (line !== undefined) resolve(line)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('close', (code) => reject(new Error(`it ended with ${code} before it said ${wanted}: ${said}`)))
  })
}
