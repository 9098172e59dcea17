// What is taken away at the authorization server ends the streams that are open through the gateway, on both of its sides.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { runCommand, suspendSubject } from '@permitry/server'
import { addCredential, type Person, people, startStack, type Stack } from '@permitry/testkit'
import { call, legacy, type Sent } from '../conformance/mcp-client.ts'
import { READ, tokensOf } from '../security/world.ts'
import { startGateway } from './start-gateway.ts'

const running = new AsyncDisposableStack()
let stack: Stack
let url: string
let errors: readonly Error[]
/** Answers that the MCP server has begun, in order. */
const begun: ServerResponse[] = []
before(async () => {
  // It never ends a stream itself.
  const foreign = createServer((req, res) => {
    begun.push(res)
    req.resume()
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
  }).listen(0, '127.0.0.1')
  await once(foreign, 'listening')
  running.defer(() => (foreign.close(), foreign.closeAllConnections()))
  const gateway = await startGateway()
  ;({ url, errors } = gateway)
  stack = await startStack({
    change: (config) => ({
      ...config,
      servers: config.servers.map((server) => ({ ...server, urls: [...server.urls, url] })),
    }),
  })
  running.defer(() => stack.close())
  running.use(gateway)
  const served = gateway.serve(stack.issuer, {
    url: `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/mcp`,
    default_scopes: [READ],
    tools: { watch: { scopes: [READ] } },
    input_schemas: 'none',
    guard_credential: JSON.stringify(await addCredential(stack)),
  })
  await served.upstreams.get('foreign')?.protect.ready()
})
after(() => running.disposeAsync())

const streams: Readonly<Record<string, Sent | undefined>> = {
  'the stream of a legacy client': undefined,
  'a call of a legacy client that is answered by events': legacy('tools/call', { name: 'watch', arguments: {} }),
  'a call that is answered by events': call('watch'),
}

/** Opens a stream and reads its first event. */
async function open(sent: Sent | undefined, token: string) {
  const authorization = `Bearer ${token}`
  const response = await (sent === undefined
    ? fetch(url, { headers: { accept: 'text/event-stream', 'mcp-protocol-version': '2025-11-25', authorization } })
    : fetch(url, { method: 'POST', headers: { ...sent.headers, authorization }, body: JSON.stringify(sent.body) }))
  assert.equal(response.status, 200)
  const reader = response.body?.getReader()
  assert.equal((await reader?.read())?.done, false)
  const atServer = begun.pop()
  assert.ok(reader && atServer)
  return { reader, atServer }
}

const token = async (person: Person): Promise<string> =>
  (await tokensOf(stack.issuer, person, { resource: url })).access

test('whoever is suspended loses every stream at once, the MCP server hears of it, and those of others go on', async () => {
  const [bobs, carols] = [await token('bob'), await token('carol')]
  const lost = []
  for (const [what, sent] of Object.entries(streams)) lost.push({ what, ...(await open(sent, bobs)) })
  const kept = await open(undefined, carols)
  const closed = Promise.all(lost.map(({ atServer }) => once(atServer, 'close')))

  const operator = { store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now } as const
  assert.ok((await runCommand(operator, suspendSubject, { id: people.bob })).ok)
  for (const { what, reader } of lost) assert.equal((await reader.read()).done, true, what)
  await closed

  kept.atServer.write(': still open\n\n')
  assert.equal((await kept.reader.read()).done, false)
  const again = await fetch(url, { headers: { accept: 'text/event-stream', authorization: `Bearer ${bobs}` } })
  assert.equal(again.status, 401)
  await kept.reader.cancel()
  assert.deepEqual(errors, [])
})
