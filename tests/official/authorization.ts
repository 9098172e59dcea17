// The official conformance runner in authorization mode against our server; its callback is the public client of the example.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { Browser, signIn, startStack, VET_ASSIST } from '@permitry/testkit'

type Check = { id: string; status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'; errorMessage?: string }

/** What the runner must have looked at; it prints a green line for a run that saw nothing. */
const EXPECTED = ['authorization-server-metadata', 'authorization-code-grant']
/** Warned about until client id metadata documents are supported. */
const KNOWN_WARNINGS = ['authorization-server-metadata-cimd']

test(
  'the official conformance runner finds no failure in authorization mode, as a public client',
  { timeout: 60_000 },
  async (t) => {
    const stack = await startStack()
    const results = mkdtempSync(join(tmpdir(), 'permitry-official-'))
    try {
      await runAuthorizationMode(stack.issuer, results, t.signal)
      const checks = globSync('**/checks.json', { cwd: results }).flatMap(
        (file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Check[],
      )
      for (const { id, status, errorMessage = '' } of checks) console.log(`${status} ${id} ${errorMessage}`)

      for (const id of EXPECTED)
        assert.ok(
          checks.some((check) => check.id === id && check.status === 'SUCCESS'),
          `no ${id}`,
        )
      const warned = checks.filter(({ status }) => status === 'WARNING' || status === 'SKIPPED').map(({ id }) => id)
      assert.deepEqual(warned, KNOWN_WARNINGS)
      assert.deepEqual(
        checks.filter(({ status }) => status === 'FAILURE'),
        [],
      )
    } finally {
      rmSync(results, { recursive: true })
      await stack.close()
    }
  },
)

/** Starts the runner, and lives login and consent for it at the address that it prints. */
async function runAuthorizationMode(issuer: string, results: string, signal: AbortSignal): Promise<void> {
  const manifest = findPackageJSON('@modelcontextprotocol/conformance', import.meta.url)
  assert.ok(manifest, 'the conformance runner is not installed: run `npm ci`')
  const runner = join(dirname(manifest), 'dist/index.js')
  const port = String(await freePort())
  const options = [
    '--url',
    issuer,
    '--client-id',
    'vet-assist-dev',
    '--resource',
    VET_ASSIST,
    '-p',
    port,
    '-o',
    results,
  ]
  const child = spawn(process.execPath, [runner, 'authorization', ...options], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /https?:\/\/\S+\/authorize\?\S+/.exec(line)?.[0]
      if (url !== undefined) await consent(url)
    }
  } finally {
    child.kill()
  }
  const [code] = (await exited) as [number | null]
  assert.equal(code, 0, 'the runner exits with 0')
}

async function consent(url: string): Promise<void> {
  const browser = new Browser()
  const login = await browser.open(url)
  const page = await signIn(browser, login, 'bob')
  const answer = await browser.submit(page, { decision: 'allow' })
  const received = await fetch(answer.url)
  assert.equal(received.status, 200, `the callback of the runner: ${await received.text()}`)
}

/** The runner cannot choose a port of its own. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
