// Attacks on the guarded network, with real servers on loopback and a resolver that lies.
import assert from 'node:assert/strict'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { documentFetch } from '../net/documents.ts'
import { nodeNetwork } from './network.ts'

let inside: Server
let origin: string
let hits: string[] = []
before(async () => {
  inside = createServer((request, response) => {
    hits.push(`${request.headers.host} ${request.url}`)
    if (request.url === '/to-metadata')
      return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    if (request.url === '/to-self') return void response.writeHead(307, { location: '/secret' }).end()
    if (request.url === '/large') return void response.end('x'.repeat(300_000))
    if (request.url === '/bomb') return bomb(response)
    if (request.url === '/never') return
    response.end('secret')
  })
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`
})
beforeEach(() => void (hits = []))
after(() => (inside.close(), inside.closeAllConnections()))

/** Says how long it is going to be, and then is longer. */
function bomb(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024)
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', write)
  }
  write()
}

const port = (): string => new URL(origin).port
const refused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'address_refused'

/** A resolver that gives its answers one after the other. */
function resolver(...answers: readonly (readonly string[])[]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? []
    callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) as never)
  }
  return { lookup, asked: () => asked }
}

test('a server on loopback is reached by no spelling of its address', async () => {
  const { fetch } = nodeNetwork()
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.1', '[::1]', '[::ffff:127.0.0.1]'])
    for (const scheme of ['http', 'https']) await assert.rejects(fetch(`${scheme}://${host}:${port()}/`), refused, host)
  assert.deepEqual(hits, [])
})

test('a name that leads to a private address is not connected to', async () => {
  for (const address of ['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1']) {
    const { lookup } = resolver([address])
    await assert.rejects(nodeNetwork({ lookup }).fetch(`https://evil.example:${port()}/`), refused, address)
  }
  assert.deepEqual(hits, [])
})

test('a name of which one address is private is not connected to at any of them', async () => {
  const { lookup } = resolver(['93.184.216.34', '127.0.0.1'])
  await assert.rejects(nodeNetwork({ lookup }).fetch(`https://evil.example:${port()}/`), refused)
})

test('a name without address is not connected to', async () => {
  const { lookup } = resolver([])
  await assert.rejects(nodeNetwork({ lookup }).fetch('https://evil.example/'), refused)
})

test('rebinding changes nothing: a connection is looked up once, and goes to the address that was checked', async () => {
  const { lookup, asked } = resolver(['127.0.0.1'], ['10.0.0.1'])
  // Allowed by its origin, so that the test can see where the connection went.
  const { fetch } = nodeNetwork({ lookup, allowOrigins: [`http://app.localhost:${port()}`] })
  const response = await fetch(`http://app.localhost:${port()}/one`)
  assert.equal(await response.text(), 'secret')
  assert.equal(asked(), 1)
  assert.deepEqual(hits, [`app.localhost:${port()} /one`])
})

test('rebinding between two requests is checked again where a new connection is made', async () => {
  const { lookup } = resolver(['127.0.0.1'], ['93.184.216.34'])
  const { fetch } = nodeNetwork({ lookup, allowOrigins: [`http://app.localhost:${port()}`] })
  await (await fetch(`http://app.localhost:${port()}/`)).text()
  inside.closeAllConnections()
  await assert.rejects(fetch(`http://app.localhost:${port()}/`), refused)
})

test('a public name does not lead to loopback, even where loopback is allowed', async () => {
  const { lookup } = resolver(['127.0.0.1'])
  const { fetch } = nodeNetwork({ lookup, allowLoopback: true })
  await assert.rejects(fetch(`https://evil.example:${port()}/`), refused)
  assert.deepEqual(hits, [])
})

test('redirects are not followed, and do not say where they lead', async () => {
  const { fetch } = nodeNetwork({ allowLoopback: true })
  for (const path of ['/to-metadata', '/to-self']) {
    for (const redirect of ['follow', 'manual'] as const) {
      const response = await fetch(origin + path, { redirect })
      assert.ok(response.status === 302 || response.status === 307)
      assert.equal(response.headers.get('location'), null)
    }
  }
  assert.ok(hits.every((hit) => !hit.endsWith('/secret')))
})

test('a document is read up to its limits of size and time', async () => {
  const fetch = documentFetch(nodeNetwork({ allowLoopback: true }).fetch, { bytes: 100_000, milliseconds: 300 })
  const tooMuch = (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === 'limit_exceeded'
  for (const path of ['/large', '/bomb', '/never']) await assert.rejects(fetch(origin + path), tooMuch, path)
  assert.equal(await (await fetch(`${origin}/`)).text(), 'secret')
})

test('an answer is a Response of the runtime, as the official client asks for', async () => {
  assert.ok((await nodeNetwork({ allowLoopback: true }).fetch(origin)) instanceof Response)
})
