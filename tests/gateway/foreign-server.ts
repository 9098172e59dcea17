// MCP servers from npm that we did not write, each in a process of its own on loopback.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findPackageJSON } from 'node:module'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A program from npm, and how it is told where to listen. */
export interface Program {
  readonly name: string
  readonly entry: string
  readonly args: (port: number) => readonly string[]
  readonly environment: (port: number) => Readonly<Record<string, string>>
}

export const EVERYTHING: Program = {
  name: '@modelcontextprotocol/server-everything',
  entry: 'dist/index.js',
  args: () => ['streamableHttp'],
  environment: (port) => ({ PORT: String(port) }),
}

/** How long a program may take until it listens; the machine may be busy. */
const PATIENCE_MS = 60_000

export interface Foreign extends AsyncDisposable {
  readonly url: string
}

/** Starts a program and waits until it listens. None of them can be given port 0, so a free one is looked for. */
export async function startForeign({ name, entry, args, environment }: Program): Promise<Foreign> {
  const manifest = findPackageJSON(name, import.meta.url)
  if (manifest === undefined) throw new Error(`${name} is not installed: run \`npm ci\``)
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [
      '--import',
      fileURLToPath(new URL('./only-loopback.ts', import.meta.url)),
      join(dirname(manifest), entry),
      ...args(port),
    ],
    { stdio: ['ignore', 'ignore', 'ignore'], cwd: tmpdir(), env: { PATH: process.env['PATH'], ...environment(port) } },
  )
  const endsAt = performance.now() + PATIENCE_MS
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
    if (performance.now() > endsAt) throw new Error(`${name} does not listen`)
    await wait(100)
  }
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect').then(
    () => (socket.destroy(), true),
    () => false,
  )
}
