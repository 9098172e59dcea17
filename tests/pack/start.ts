// The three files of the README of `permitry`, started on free ports, with Ada at the browser.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ADA_PASSWORD } from './ada.ts'
import { finish, type Finished, run, start, waitForLine } from './processes.ts'

export interface Served extends AsyncDisposable {
  readonly folder: string
  /** Another command beside the running server. */
  permitry(...args: string[]): Promise<Finished>
  /** The style sheet and the icon of a page are there. */
  checkPages(): Promise<void>
  /** The worker that draws logos draws one, with its WebAssembly. */
  checkLogos(): Promise<void>
  /** Starts the README's MCP server on a Node, calls it as the README does, and lets Ada sign in and allow it. */
  call(node: string): Promise<Finished>
}

/** `permitry serve --apply` with the README's configuration and a fresh data folder. */
export async function serveFrom(app: string, node: string): Promise<Served> {
  // inside the app, so that its packages are found; the README's ports may be taken
  const folder = mkdtempSync(join(app, 'served-'))
  const [issuerPort, mcpPort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${issuerPort}`
  const place = (from: string, file: string): void => {
    const text = readFileSync(join(app, from, file), 'utf8')
    writeFileSync(join(folder, file), text.replaceAll('9400', String(issuerPort)).replaceAll('9500', String(mcpPort)))
  }
  place('start', 'permitry.yaml')

  const program = join(app, 'node_modules/permitry/dist/main.js')
  const where = { cwd: folder, node, env: { ADA_PASSWORD } }
  const server = start([program, 'serve', '--apply'], where)
  const closed = once(server, 'close')
  await waitForLine(server, /"msg":"ready"/)

  return {
    folder,
    permitry: (...args) => run([program, ...args], where),
    async checkPages() {
      const page = await (await fetch(`${issuer}/authorize`)).text()
      const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
      assert.equal(assets.length, 2, page)
      for (const path of assets) assert.equal((await fetch(issuer + path)).status, 200)
    },
    async checkLogos() {
      const worker = join(app, 'node_modules/permitry/dist/redraw-worker.js')
      const { out, err } = await run(['--input-type=module', '--eval', DRAW, worker], where)
      assert.equal(out, 'PNG\n', err)
    },
    async call(callerNode) {
      place('start/built', 'server.js')
      place('start/built', 'call.js')
      const mcpServer = start(['server.js'], { cwd: folder, node: callerNode })
      const ended = once(mcpServer, 'close')
      try {
        await listening(mcpPort)
        const env = { PATH: `${browserOfAda(folder)}:${process.env['PATH'] ?? ''}` }
        return await finish(start(['call.js'], { cwd: folder, node: callerNode, env }))
      } finally {
        mcpServer.kill('SIGTERM')
        await ended
      }
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM')
      await closed
    },
  }
}

/** A 1 x 1 PNG goes in, and what comes out must be one too. */
const DRAW = `
import { Worker } from 'node:worker_threads'
const image = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const worker = new Worker(process.argv.at(-1), { execArgv: [], workerData: { image, width: 1, height: 1 } })
worker.on('message', (png) => console.log(Buffer.from(png).toString('latin1', 1, 4)))
`

/** A folder with the program that clients on Linux open a browser by; it is Ada. */
function browserOfAda(folder: string): string {
  const bin = mkdtempSync(join(folder, 'bin-'))
  const opener = join(bin, 'xdg-open')
  const program = join(import.meta.dirname, 'ada.ts')
  writeFileSync(opener, `#!/bin/sh\n"${process.execPath}" --conditions=@permitry/source "${program}" "$1" >&2\n`)
  chmodSync(opener, 0o755)
  return bin
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The README's server says nothing when it is ready, so whoever needs it knocks; a minute is a failure. */
async function listening(port: number): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const socket = connect(port, 'localhost')
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (answered) return
    if (Date.now() > until) throw new Error(`nobody listens at ${port}`)
    await delay(50)
  }
}
