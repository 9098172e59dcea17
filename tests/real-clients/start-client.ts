// Runs a client that we did not write, as its users do: a home of its own, and a browser that is Bob.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'

/** What a client finds around itself: its environment, and the folder that is gone afterwards. */
export interface Home extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

/** A fresh home with `xdg-open`, so that nothing is left of an earlier sign-in and no real browser opens. */
export async function makeHome(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-client-'))
  const bin = join(folder, 'bin')
  const opener = join(bin, 'xdg-open')
  const program = join(import.meta.dirname, 'fake-browser.ts')
  await mkdir(bin)
  // In the background: a client waits for whoever opens a browser before it listens to the answer.
  const script = `"${process.execPath}" --conditions=@permitry/source "${program}" "$1" >>"${folder}/browser.log" 2>&1 &`
  await writeFile(opener, `#!/bin/sh\n${script}\n`)
  await chmod(opener, 0o755)
  return {
    env: {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      BROWSER: opener,
      MCP_REMOTE_CONFIG_DIR: join(folder, 'mcp-remote'),
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** A program of a package that is installed here. */
export function programOf(manifest: string | undefined, path: string): string {
  if (manifest === undefined) throw new Error('a client that the tests run is not installed: run `npm ci`')
  return join(dirname(manifest), path)
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, ...args], { env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
  let err = ''
  // Not until its end: what the client started may keep standard error open after it.
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (err += chunk))
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [out, [code]] = await Promise.all([text(child.stdout), exited])
  return { code, out, err }
}

/** For clients that cannot choose a port of their own. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
