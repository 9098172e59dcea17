import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A configuration with one MCP server, two roles, two people and two clients, on a port that the system chooses. */
export const CONFIG = `version: 1
issuer: http://127.0.0.1:\${PERMITRY_PORT:-0}
servers:
  - id: vetassist
    identifier: mcp://vetassist
    name: VetAssist
    default_scopes: [read]
    scopes:
      - { name: read, title: Read, risk: read }
      - { name: write, title: Write, risk: write }
roles:
  - { id: pet-owner, name: Pet Owner, scopes: { vetassist: [read] } }
  - { id: vet-staff, name: Vet Staff, scopes: { vetassist: [read, write] } }
groups:
  - { id: clinic, name: The clinic, roles: [] }
users:
  - { id: usr_bob, username: bob, name: Bob, password: bob-vet-demo, roles: [pet-owner] }
  - { id: usr_dana, username: dana, name: Dana, roles: [vet-staff] }
clients:
  - id: vet-assist-ai
    name: Vet Assist AI
    auth: client_secret_basic
    secret: \${file:client.secret}
    redirect_uris: [http://localhost:9402/callback]
    servers: { vetassist: all }
`

/** The secret that lies in `client.secret` of a test folder. */
export const CLIENT_SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own in which `permitry` is run, with a configuration unless told otherwise. */
export async function makeFolder(t: TestContext, config: string | undefined = CONFIG): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-cli-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'permitry.yaml'), config)
  await writeFile(join(folder, 'client.secret'), `${CLIENT_SECRET}\n`)
  return folder
}

interface Given {
  readonly environment?: Readonly<Record<string, string>>
  /** What the command finds on its standard input. */
  readonly input?: string
}

/** Runs a command line in this process: all of the program but the few lines that bind it to a process. */
export async function permitry(folder: string, args: readonly string[], given: Given = {}): Promise<Finished> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([text(stdout), text(stderr)])
  const code = await run(args, {
    environment: given.environment ?? {},
    folder,
    stdin: Readable.from(given.input === undefined ? [] : [given.input]),
    stdout,
    stderr,
    stopRequested: () => Promise.reject(new Error('only a process of its own is asked to stop')),
  })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, stdout: out, stderr: err }
}

/** Runs a command line as a process of its own. */
export async function spawnPermitry(folder: string, args: readonly string[], given: Given = {}): Promise<Finished> {
  const child = start(folder, args, given.environment ?? {})
  child.stdin.end(given.input ?? '')
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, stdout, stderr }
}

/** As `permitry`, for a command that must work; returns what it printed. */
export async function ok(folder: string, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await permitry(folder, args, { input })
  if (code !== 0) throw new Error(`permitry ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.trimEnd()
}

/** Runs `permitry serve --apply` in this process while `work` is done with its issuer. */
export async function whileServing(folder: string, work: (issuer: string) => Promise<void>): Promise<void> {
  const [stdout, stderr, stop] = [new PassThrough(), new PassThrough(), Promise.withResolvers<void>()]
  const ready = Promise.withResolvers<string>()
  createInterface({ input: stdout }).on('line', (line) => {
    const { msg, issuer } = JSON.parse(line) as { msg: string; issuer?: string }
    if (msg === 'ready' && issuer !== undefined) ready.resolve(issuer)
  })
  const [environment, stdin, stopRequested] = [{}, Readable.from([]), () => stop.promise]
  const ended = run(['serve', '--apply'], { environment, folder, stdin, stdout, stderr, stopRequested })
  try {
    const started = await Promise.race([ready.promise, ended])
    if (typeof started === 'number') throw new Error(`permitry serve ended with ${started}: ${String(stderr.read())}`)
    await work(started)
  } finally {
    stop.resolve()
    await ended
  }
}

/** A running `permitry serve` or `permitry protect`. */
export interface Running {
  /** Where it listens. */
  readonly port: number
  /** All lines of its log until now. */
  readonly log: readonly string[]
  readonly stderr: () => string
  /** Resolves when a message is in the log. */
  readonly logged: (message: string) => Promise<void>
  /** Asks it to stop and waits for its end. */
  readonly stop: (signal?: 'SIGTERM' | 'SIGINT') => Promise<number | null>
}

/** A running `permitry serve`. */
export interface Served extends Running {
  readonly issuer: string
}

/** Starts `permitry serve` and resolves when it is ready. */
export function serve(
  t: TestContext,
  folder: string,
  args: readonly string[] = ['--apply'],
  environment: Record<string, string> = {},
): Promise<Served> {
  return launch<Served>(t, folder, ['serve', ...args], environment)
}

/** Starts `permitry protect` on a port that the system chooses, and resolves when it is ready. */
export function protect(
  t: TestContext,
  folder: string,
  args: readonly string[],
  environment: Record<string, string> = { PERMITRY_GATEWAY_PORT: '0' },
): Promise<Running> {
  return launch<Running>(t, folder, ['protect', ...args], environment)
}

async function launch<T extends Running>(
  t: TestContext,
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<T> {
  const child = start(folder, args, environment)
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  t.after(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const log: string[] = []
  const lines = new EventEmitter()
  const ready = Promise.withResolvers<object>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(line)
    const { msg, ...fields } = JSON.parse(line) as { msg: string }
    lines.emit(msg)
    if (msg === 'ready') ready.resolve(fields)
  })
  void exited.then((code) => ready.reject(new Error(`permitry ${args.join(' ')} ended with ${code}: ${stderr}`)))
  const running: Omit<Running, 'port'> = {
    log,
    stderr: () => stderr,
    async logged(message) {
      await once(lines, message)
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
  }
  // What it says of itself when it is ready has the rest.
  return { ...(await ready.promise), ...running } as T
}

function start(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
): ChildProcessWithoutNullStreams {
  // Nothing of the environment of the tests comes along: a variable that is set there must not change what is tested.
  const env = { PATH: '', ...environment }
  return spawn(process.execPath, ['--conditions=@permitry/source', MAIN, ...args], { cwd: folder, env })
}
