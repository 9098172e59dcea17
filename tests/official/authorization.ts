// The official conformance runner in authorization mode against our server: as each kind of client, at each kind of issuer.
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
import { after, before, describe, test } from 'node:test'
import { appSecret, Browser, signIn, type Stack, startStack, type StackOptions, VET_ASSIST } from '@permitry/testkit'

type Check = { id: string; status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'; errorMessage?: string }

interface Kind {
  readonly name: string
  /** What tells the runner who it is; it authenticates only where the metadata does not list `none`. */
  readonly credentials: readonly string[]
  readonly authMethods: readonly string[]
  readonly stack: (callback: string) => StackOptions
}

const kinds: readonly Kind[] = [
  {
    name: 'a public client',
    credentials: ['--client-id', 'vet-assist-dev'],
    authMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    stack: () => ({}),
  },
  {
    name: 'a confidential client, where no other may come',
    credentials: ['--client-id', 'vet-assist-ai', '--client-secret', appSecret],
    authMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    stack: (callback) => ({
      dynamicClients: {
        documents: true,
        registration: true,
        publicClients: false,
        allowedHosts: [],
        blockedHosts: [],
      },
      change: (config) => ({
        ...config,
        clients: config.clients
          .filter(({ id }) => id === 'vet-assist-ai')
          .map((client) => ({ ...client, redirect_uris: [callback] })),
      }),
    }),
  },
]

/** What the runner must have looked at; it prints a green line for a run that saw nothing. */
const EXPECTED = ['authorization-server-metadata', 'authorization-code-grant']
const seen: Check[] = []

for (const { name, credentials, authMethods, stack: optionsFor } of kinds) {
  describe(`the official conformance runner in authorization mode, as ${name}`, () => {
    let stack: Stack
    let port: string
    before(async () => {
      port = String(await freePort())
      stack = await startStack({ tenants: ['north'], ...optionsFor(`http://127.0.0.1:${port}/callback`) })
    })
    after(() => stack.close())

    for (const path of ['', '/t/north']) {
      test(
        `finds no failure at the issuer of ${path === '' ? 'the only tenant' : 'a tenant'}`,
        { timeout: 60_000 },
        async (t) => {
          const issuer = `${stack.issuer}${path}`
          const metadata = await fetch(`${issuer}/.well-known/openid-configuration`)
          const { token_endpoint_auth_methods_supported: listed } = (await metadata.json()) as Record<string, unknown>
          assert.deepEqual(listed, authMethods)

          const checks = await run(['--url', issuer, '-p', port, ...credentials], t.signal)
          for (const { id, status, errorMessage = '' } of checks) console.log(`${status} ${id} ${errorMessage}`)
          seen.push(...checks)
          for (const id of EXPECTED)
            assert.ok(
              checks.some((check) => check.id === id && check.status === 'SUCCESS'),
              `no ${id}`,
            )
          const of = (...statuses: Check['status'][]) =>
            checks.filter(({ status }) => statuses.includes(status)).map(({ id }) => id)
          assert.deepEqual(of('FAILURE'), [])
          assert.deepEqual(of('WARNING', 'SKIPPED'), [])
        },
      )
    }
  })
}

after(() => {
  const count = (status: Check['status']) => seen.filter((check) => check.status === status).length
  console.log(
    `official authorization: ${seen.length} checks, ${count('FAILURE')} failures, ${count('WARNING')} warnings, ${count('SKIPPED')} skipped`,
  )
  assert.ok(seen.length > 0, 'the runner looked at nothing')
})

/** Starts the runner, and lives login and consent for it at the address that it prints. */
async function run(options: readonly string[], signal: AbortSignal): Promise<Check[]> {
  const manifest = findPackageJSON('@modelcontextprotocol/conformance', import.meta.url)
  assert.ok(manifest, 'the conformance runner is not installed: run `npm ci`')
  const runner = join(dirname(manifest), 'dist/index.js')
  const results = mkdtempSync(join(tmpdir(), 'permitry-official-'))
  try {
    const child = spawn(
      process.execPath,
      [runner, 'authorization', '--resource', VET_ASSIST, '-o', results, ...options],
      { signal, stdio: ['ignore', 'pipe', 'inherit'] },
    )
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
    return globSync('**/checks.json', { cwd: results }).flatMap(
      (file) => JSON.parse(readFileSync(join(results, file), 'utf8')) as Check[],
    )
  } finally {
    rmSync(results, { recursive: true })
  }
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
