import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { describe, it, test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createOutbound, type Outbound, type OutboundSettings } from './outbound.ts'
import { startTlsHost, TEST_CA } from './testing/tls-host.ts'

const OPTIONS = { accept: 'application/json', maxBytes: 1_000 }

const create = (settings: Partial<OutboundSettings> = {}): Outbound =>
  createOutbound({ allowLoopback: true, extraCaCertificates: [TEST_CA], ...settings })

async function host(t: TestContext, listener: RequestListener): Promise<string> {
  const started = await startTlsHost(listener)
  t.after(() => started.close())
  return started.origin
}

async function reasonOf(outbound: Outbound, url: string, options: Partial<typeof OPTIONS> = {}): Promise<string> {
  const got = await outbound.get(url, { ...OPTIONS, ...options })
  return got.ok ? `got ${got.value.status}` : got.error.reason
}

test('a document comes with its status, headers and body; it was asked for plainly and without anything that tells of us', async (t) => {
  const asked: unknown[] = []
  const origin = await host(t, (request, response) => {
    asked.push([request.method, request.url, request.headers])
    response.setHeader('set-cookie', 'a=b')
    response.writeHead(404, { 'content-type': 'application/json', etag: '"1"' }).end('{"a":1}')
  })
  const got = await create().get(`${origin}/client.json?x=1`, { ...OPTIONS, etag: '"0"' })
  assert.ok(got.ok, JSON.stringify(got))
  assert.equal(got.value.status, 404)
  assert.equal(Buffer.from(got.value.body).toString(), '{"a":1}')
  assert.deepEqual(
    ['content-type', 'etag', 'set-cookie'].map((name) => got.value.headers.get(name)),
    ['application/json', '"1"', null],
  )
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'permitry',
    'if-none-match': '"0"',
    host: new URL(origin).host,
    connection: 'close',
  }
  assert.deepEqual(asked, [['GET', '/client.json?x=1', headers]])
})

test('a redirect is a failure and is not followed, not modified is an answer', async (t) => {
  const paths: (string | undefined)[] = []
  const origin = await host(t, (request, response) => {
    paths.push(request.url)
    response.writeHead(Number(request.url?.slice(1)), { location: '/200' }).end()
  })
  for (const status of [300, 301, 302, 303, 307, 308])
    assert.equal(await reasonOf(create(), `${origin}/${status}`), 'redirected', String(status))
  assert.equal(await reasonOf(create(), `${origin}/304`), 'got 304')
  assert.ok(!paths.includes('/200'))
})

describe('the size of an answer is bounded', () => {
  const cases: Record<string, RequestListener> = {
    'as announced': (_, response) => response.writeHead(200, { 'content-length': '1001' }).flushHeaders(),
    'as sent': (_, response) => {
      response.writeHead(200)
      const send = (): void => void (response.destroyed || (response.write('x'.repeat(300)), setImmediate(send)))
      send()
    },
    unpacked: (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(500_000))),
  }
  for (const [name, listener] of Object.entries(cases))
    it(name, async (t) => assert.equal(await reasonOf(create(), await host(t, listener)), 'too_large'))

  it('and up to the bound it is what was sent, packed or not', async (t) => {
    const text = 'x'.repeat(1_000)
    const origin = await host(t, (request, response) => {
      if (request.url === '/') response.end(text)
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text))
    })
    for (const path of ['/', '/packed']) {
      const got = await create().get(origin + path, OPTIONS)
      assert.equal(got.ok && Buffer.from(got.value.body).toString(), text)
    }
  })
})

describe('an answer that is none is unreachable', () => {
  const cases: Record<string, RequestListener> = {
    'packed otherwise than asked': (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
    'packed twice': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end('x'),
    'said to be packed': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not packed'),
    'cut off': (_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x')
      response.socket?.end()
    },
    'headers without end': (_, response) => {
      response.socket?.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(100_000)}`)
    },
    'no HTTP': (_, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2p1\r\n'),
    'a switch to another protocol': (_, response) =>
      response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end(),
  }
  for (const [name, listener] of Object.entries(cases))
    it(name, async (t) => assert.equal(await reasonOf(create(), await host(t, listener)), 'unreachable'))

  it('nobody listens', async () => assert.equal(await reasonOf(create(), 'https://localhost:1/'), 'unreachable'))

  it('the certificate is of an authority that nobody named', async (t) => {
    const origin = await host(t, (_, response) => response.end())
    assert.equal(await reasonOf(create({ extraCaCertificates: [] }), origin), 'unreachable')
  })

  it('the certificate is for another name', async (t) => {
    const origin = await host(t, (_, response) => response.end())
    assert.equal(await reasonOf(create(), origin.replace('localhost', 'nobody.localhost')), 'unreachable')
  })
})

describe('all of a fetch must be done in time', () => {
  const limits = { milliseconds: 150 }
  const cases: Record<string, RequestListener> = {
    'no answer': () => {},
    'a slow answer': (_, response) => {
      response.writeHead(200)
      const send = (): void => void (response.destroyed || (response.write('x'), setTimeout(send, 20)))
      send()
    },
    'interim answers': (_, response) => {
      const send = (): void => void (response.destroyed || (response.writeProcessing(), setTimeout(send, 20)))
      send()
    },
  }
  for (const [name, listener] of Object.entries(cases))
    it(name, async (t) => assert.equal(await reasonOf(create({ limits }), await host(t, listener)), 'timed_out'))

  it('a connection that nobody takes', async (t) => {
    const silent = createSocketServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    t.after(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    assert.equal(await reasonOf(create({ limits }), `https://localhost:${port}/`), 'timed_out')
  })

  it('a name that nobody resolves', async () => {
    const resolve = (_: string, signal: AbortSignal): Promise<string[]> =>
      new Promise((answer) => signal.addEventListener('abort', () => answer([])))
    assert.equal(await reasonOf(create({ limits, resolve }), 'https://client.example/'), 'timed_out')
  })
})

describe('where a fetch may lead', () => {
  const SPECIAL = [
    'http://93.184.216.34/',
    'https://user@client.example/',
    'ftp://client.example/',
    'https://10.0.0.1/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://[fd00::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://printer.local/',
    'no address',
  ]
  const LOOPBACK = [
    'http://localhost/',
    'https://localhost/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://x.localhost./',
  ]
  const nobody = (): Promise<never> => Promise.reject(new Error('asked DNS'))

  it('never to special-use addresses, in no spelling', async () => {
    for (const url of SPECIAL) assert.equal(await reasonOf(create({ resolve: nobody }), url), 'address_refused', url)
  })

  it('to loopback only from a server that runs on it', async () => {
    const outbound = create({ allowLoopback: false, resolve: nobody })
    for (const url of LOOPBACK) assert.equal(await reasonOf(outbound, url), 'address_refused', url)
  })

  it('to loopback by http too, then', async (t) => {
    const server = createServer((_, response) => response.end('plain'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => void server.close())
    const { port } = server.address() as AddressInfo
    for (const name of ['localhost', '127.0.0.1', '2130706433', 'client.localhost'])
      assert.equal(await reasonOf(create({ resolve: nobody }), `http://${name}:${port}/`), 'got 200', name)
  })

  it('never by a public name to what is not public, loopback included, also beside public addresses', async () => {
    for (const address of ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', 'fd00::1', '::ffff:127.0.0.1', 'x'])
      for (const found of [[address], ['93.184.216.34', address], [address, '93.184.216.34']]) {
        const resolve = (): Promise<string[]> => Promise.resolve(found)
        assert.equal(await reasonOf(create({ resolve }), 'https://client.example/'), 'address_refused', String(found))
      }
  })

  it('nowhere when a name has no address', async () => {
    const resolve = (): Promise<string[]> => Promise.resolve([])
    assert.equal(await reasonOf(create({ resolve }), 'https://client.example/'), 'unreachable')
  })
})

test('a host gets two fetches at a time, some more wait for theirs, the others are told that it is busy', async (t) => {
  const arrivals = new EventEmitter()
  const arrival = async (): Promise<ServerResponse> => ((await once(arrivals, 'arrival')) as [ServerResponse])[0]
  const origin = await host(t, (_, response) => void arrivals.emit('arrival', response))
  const outbound = create({ limits: { perHost: 2, waiting: 1 } })

  const fetches: Promise<string>[] = []
  const running: ServerResponse[] = []
  for (const path of ['/1', '/2']) {
    fetches.push(reasonOf(outbound, origin + path))
    running.push(await arrival())
  }
  fetches.push(reasonOf(outbound, `${origin}/3`))
  assert.equal(await reasonOf(outbound, `${origin}/4`), 'busy')
  const third = arrival()
  for (const response of running) response.end()
  ;(await third).end()
  assert.deepEqual(await Promise.all(fetches), ['got 200', 'got 200', 'got 200'])
})

test('names that lead to one machine share what it gets', async (t) => {
  const origin = await host(t, () => {})
  const outbound = create({ limits: { milliseconds: 300, perAddress: 1, waiting: 0 } })
  const first = reasonOf(outbound, origin)
  assert.equal(await reasonOf(outbound, origin.replace('localhost', 'client.localhost')), 'busy')
  assert.equal(await first, 'timed_out')
  assert.equal(await reasonOf(outbound, origin), 'timed_out', 'what is over gives its place back')
})
