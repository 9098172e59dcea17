import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, mock, test } from 'node:test'
import { createTestIssuer, type TestIssuer } from '../test-issuer.ts'

const packageFolder = join(import.meta.dirname, '../..')
const guide = readFileSync(join(packageFolder, '../../docs/guides/adapters.md'), 'utf8')
/** By the name of the file, which their first line says. */
const blocks = new Map([...guide.matchAll(/```ts\n\/\/ (\S+\.ts)\n([^]*?)```/g)].map((m) => [m[1] ?? '', m[2] ?? '']))
const SHARED = ['guard.ts', 'clinic.ts']
const quickstarts = [...blocks.keys()].filter((name) => !SHARED.includes(name))

const listening: Server[] = []
let folder: string
let issuer: TestIssuer
const { fetch } = globalThis
before(async () => {
  issuer = await createTestIssuer()
  mock.method(globalThis, 'fetch', issuer.fetch)
  // eslint-disable-next-line typescript/unbound-method -- it is called with the server that it belongs to
  const { listen } = Server.prototype
  mock.method(Server.prototype, 'listen', function onAnyPort(this: Server, ...args: unknown[]): Server {
    listening.push(this)
    const callback = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined
    return Reflect.apply(listen, this, [0, '127.0.0.1', callback]) as Server
  })
  // Inside the package, so that its own name and those of its dependencies are found.
  folder = mkdtempSync(join(packageFolder, 'quickstarts-'))
  for (const [name, code] of blocks) writeFileSync(join(folder, name), code)
})
after(() => {
  mock.restoreAll()
  rmSync(folder, { recursive: true })
  for (const server of listening) {
    server.closeAllConnections()
    server.close()
  }
})

test('there is a quickstart for each adapter', () => {
  assert.deepEqual(quickstarts, ['web.ts', 'hono.ts', 'node.ts', 'fastify.ts', 'express.ts', 'fastmcp.ts'])
})

for (const [name, code] of blocks) {
  test(`${name} has at most 15 lines`, () => {
    const lines = code.split('\n').filter((line) => line.trim() !== '')
    assert.ok(lines.length <= 15, `${lines.length} lines`)
  })
}

for (const name of quickstarts) {
  test(`${name} protects a server`, async () => {
    await import(join(folder, name))
    const server = listening.at(-1) ?? assert.fail('nothing listens')
    if (!server.listening) await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    const ask = async (tool: string, headers: Record<string, string>): Promise<[number, string]> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: {} } }),
      })
      return [response.status, await response.text()]
    }
    assert.equal((await ask('list_pets', {}))[0], 401)
    const iat = Math.floor(Date.now() / 1000)
    const authorization = `Bearer ${await issuer.token({ scope: 'pets:read', iat, exp: iat + 60 })}`
    assert.match((await ask('list_pets', { authorization }))[1], /"text":"bob"/)
    assert.match((await ask('another', { authorization }))[1], /Tool another not found/)
  })
}
