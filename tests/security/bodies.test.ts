// Bodies that are too long, broken, compressed, or that never end.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startStack, type Stack } from '@permitry/testkit'
import { post } from './world.ts'

const faults: unknown[] = []
let stack: Stack
before(async () => (stack = await startStack({ onFault: (fault) => faults.push(fault) })))
after(() => stack.close())

const FORMS = ['/token', '/revoke', '/authorize', '/login', '/consent', '/logout', '/logout/confirm', '/userinfo']
const own = () => ({ origin: stack.issuer })

/** Sends raw bytes and gives the first line of the answer. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(stack.origin).port), '127.0.0.1')
  socket.write(bytes)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString().split('\r\n')[0] ?? ''
}

test('a body beyond the limit is refused at every endpoint, whether it says its length or not', async () => {
  const long = `a=${'x'.repeat(70_000)}`
  for (const path of [...FORMS, '/register']) {
    const type = path === '/register' ? 'application/json' : 'application/x-www-form-urlencoded'
    const declared = await post(stack.issuer + path, long, { ...own(), 'content-type': type })
    assert.ok(
      [400, 413].includes(declared.status) || (path === '/userinfo' && declared.status === 413),
      `${path} ${declared.status}`,
    )
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 8; i++) controller.enqueue(new TextEncoder().encode('x'.repeat(10_000)))
        controller.close()
      },
    })
    const init = {
      method: 'POST',
      headers: { ...own(), 'content-type': type },
      body: chunks,
      duplex: 'half',
      redirect: 'manual',
    } as const
    const chunked = await fetch(stack.issuer + path, init)
    await chunked.text()
    assert.ok(chunked.status >= 400 && chunked.status < 500, `${path} ${chunked.status} in chunks`)
  }
})

test('what is no form, no UTF-8 or more than a hundred parameters is refused, and nothing fails inside', async () => {
  const broken = [
    '%',
    '%zz',
    'a=%ff',
    'a=%c3%28',
    'a=%ed%a0%80',
    '\u0000=1',
    Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&'),
  ]
  for (const path of FORMS.filter((one) => one !== '/userinfo')) {
    for (const body of broken) {
      const answer = await post(stack.issuer + path, body, own())
      assert.ok([400, 401].includes(answer.status), `${path} ${JSON.stringify(body.slice(0, 20))}: ${answer.status}`)
    }
    const compressed = await fetch(stack.issuer + path, {
      method: 'POST',
      headers: { ...own(), 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
      body: gzipSync(`client_id=vet-assist-dev&grant_type=refresh_token&${'x'.repeat(1_000_000)}`),
      redirect: 'manual',
    })
    assert.ok(compressed.status >= 400 && compressed.status < 500, `${path}: ${compressed.status} for gzip`)
  }
  assert.deepEqual(faults, [])
})

test('a registration that is no JSON object, too deep, or says a name twice in it is refused', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  for (const body of [
    '',
    '[]',
    'null',
    '"x"',
    '{',
    '{"redirect_uris":',
    deep,
    `{"redirect_uris":["https://a.example/"],"x":${deep}}`,
    '{"redirect_uris":{"length":1}}',
    '{"__proto__":{"redirect_uris":["https://a.example/"]}}',
  ]) {
    const answer = await post(`${stack.issuer}/register`, body, { 'content-type': 'application/json' })
    assert.ok(
      answer.status === 400 || (answer.status === 201 && body.includes('"x"')),
      `${answer.status} for ${body.slice(0, 40)}`,
    )
  }
  assert.deepEqual(faults, [])
})

test('two lengths, or a length beside chunks, are refused before anything is read: no request hides in another', async () => {
  const hidden = 'GET /jwks HTTP/1.1\r\nhost: x\r\n\r\n'
  for (const headers of [
    'content-length: 5\r\ncontent-length: 6',
    'content-length: 5\r\ntransfer-encoding: chunked',
    'transfer-encoding: chunked, identity',
    'content-length: +5',
    'content-length: 5\r\nx: y\r\n z: w\r\nTransfer-Encoding : chunked',
  ]) {
    const line = await raw(`POST /token HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n0\r\n\r\n${hidden}`)
    assert.match(line, /^HTTP\/1\.1 400 /, headers)
  }
})

test('a hundred who send half a body hold up nobody, and nothing of them is done', async () => {
  const before = await counts()
  const slow: Socket[] = []
  for (let i = 0; i < 100; i++) {
    const path = FORMS[i % FORMS.length] ?? ''
    const socket = connect(Number(new URL(stack.origin).port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\norigin: ${stack.issuer}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\nclient_id=vet-assist-dev&`,
    )
    slow.push(socket)
  }
  const honest = await post(`${stack.issuer}/token`, { client_id: 'nobody', grant_type: 'refresh_token' })
  assert.equal(honest.status, 401)
  for (const socket of slow) socket.destroy()
  for (const socket of slow) if (!socket.closed) await once(socket, 'close')
  assert.equal((await fetch(`${stack.issuer}/jwks`)).status, 200)
  assert.deepEqual(await counts(), { ...before, audit_events: before.audit_events + 1 })
})

async function counts(): Promise<{ audit_events: number; authorization_requests: number; sessions: number }> {
  const rows = async (table: 'audit_events' | 'authorization_requests' | 'sessions'): Promise<number> =>
    (await stack.store.read((db) => db.selectFrom(table).select('tenant').execute())).length
  return {
    audit_events: await rows('audit_events'),
    authorization_requests: await rows('authorization_requests'),
    sessions: await rows('sessions'),
  }
}
