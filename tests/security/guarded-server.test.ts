// Attacks on an MCP server behind the guard, byte by byte: what two readers of one request could understand differently, and what
// one caller could leave behind for another. The requirements beside it are in tests/conformance/mcp-*.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { guard, type Protect } from '@permitry/guard'
import { guardListener } from '@permitry/guard/node'
import { call, legacy, modern, type Sent } from '../conformance/mcp-client.ts'
import { type Issuer, startIssuer } from '../conformance/mcp-issuer.ts'

const READ = 'pet-profile:read'
const WRITE = 'pet-profile:write'
const HIDDEN = 'update_pet'

/** Every request that got past the guard: who called, and what was asked for. */
type Reached = { readonly sub: string; readonly body: string }

/** A server that does whatever it is told: only the guard stands between it and the caller. */
const obedient = (reached: Reached[], clientId: string, body: unknown): object => {
  reached.push({ sub: clientId, body: JSON.stringify(body) })
  return { jsonrpc: '2.0', id: 7, result: { tools: [{ name: 'list_pets' }, { name: HIDDEN }], secret: 'hidden' } }
}

const builds: Readonly<Record<string, (protect: Protect, reached: Reached[]) => Server>> = {
  'web-standard': (protect, reached) => {
    const serve = protect(async (_, { authInfo, parsedBody }) =>
      Response.json(obedient(reached, authInfo.clientId, parsedBody)),
    )
    return createServer((req, res) => void getRequestListener(serve)(req, res))
  },
  'node:http': (protect, reached) =>
    createServer(
      guardListener(protect, (req, res) => {
        res.setHeader('content-type', 'application/json')
        res.end(JSON.stringify(obedient(reached, req.auth?.clientId ?? 'nobody', req.body)))
      }),
    ),
}

for (const [name, build] of Object.entries(builds)) {
  describe(`a guarded server on ${name}`, () => {
    let issuer: Issuer
    let server: Server
    let port: number
    let token: string
    const reached: Reached[] = []
    const resource = (): string => `http://127.0.0.1:${port}/mcp`
    before(async () => {
      issuer = await startIssuer(resource)
      // The address is part of the guard's options, so the port comes first.
      server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
      const protect = guard({
        issuer: issuer.issuer,
        resource: resource(),
        defaultScopes: [READ],
        tools: { list_pets: READ, [HIDDEN]: WRITE },
      })
      const inner = build(protect, reached)
      server.on('request', (req, res) => inner.emit('request', req, res))
      token = await issuer.token()
    })
    after(async () => {
      server.closeAllConnections()
      server.close()
      await issuer.close()
    })

    /** Writes the bytes and reads until the server ends the connection: the statuses of all its answers, and the text. */
    const bytes = (text: string): Promise<{ statuses: number[]; text: string }> =>
      new Promise((resolve, reject) => {
        let answer = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
        socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
        socket.on('data', (chunk: Buffer) => void (answer += chunk.toString('latin1')))
        socket.on('error', reject)
        socket.on('close', () => {
          const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
          resolve({ statuses, text: answer })
        })
      })

    interface Shape {
      readonly target?: string
      readonly host?: string
      readonly lines?: readonly string[]
      readonly body?: string
      readonly length?: string
    }
    const request = (sent: Sent, { target = '/mcp', host, lines = [], body, length }: Shape = {}): string => {
      const text = body ?? JSON.stringify(sent.body)
      const head = [
        `POST ${target} HTTP/1.1`,
        `Host: ${host ?? `127.0.0.1:${port}`}`,
        length ?? `Content-Length: ${Buffer.byteLength(text)}`,
        'Connection: close',
        ...Object.entries(sent.headers).map(([key, value]) => `${key}: ${value}`),
        ...lines,
      ]
      return `${head.join('\r\n')}\r\n\r\n${text}`
    }
    const withToken = () => [`Authorization: Bearer ${token}`]
    const hidden = () => call(HIDDEN)

    /** Nothing with the hidden tool in it got past the guard, and nothing of the server came out. */
    async function assertHeldOff(text: string): Promise<void> {
      const from = reached.length
      const answer = await bytes(text)
      const past = reached.slice(from).filter(({ body }) => body.includes(HIDDEN))
      assert.deepEqual(past, [], JSON.stringify(text.slice(0, 400)))
      assert.ok(answer.statuses.length > 0, 'there was an answer')
      assert.ok(
        answer.statuses.every((status) => status < 500),
        answer.text,
      )
    }

    test('the control: what is allowed gets through, and what is hidden does not', async () => {
      const { statuses } = await bytes(request(call('list_pets'), { lines: withToken() }))
      assert.deepEqual(statuses, [200])
      assert.equal(reached.at(-1)?.sub, 'exact')
      await assertHeldOff(request(hidden(), { lines: withToken() }))
    })

    test('a second request hidden in the body of the first is none: length and chunks that disagree are refused', async () => {
      const smuggled = request(hidden(), { lines: withToken() })
      const chunked = `0\r\n\r\n${smuggled}`
      for (const length of [
        `Content-Length: ${chunked.length}\r\nTransfer-Encoding: chunked`,
        `Transfer-Encoding: chunked\r\nContent-Length: 5`,
        `Content-Length: 0\r\nContent-Length: ${chunked.length}`,
        'Transfer-Encoding: chunked, identity',
        'Transfer-Encoding: xchunked',
        'Transfer-Encoding : chunked',
        'Content-Length: +5',
        'Content-Length: 0x10',
      ]) {
        await assertHeldOff(request(call('list_pets'), { lines: withToken(), body: chunked, length }))
      }
    })

    test('a second request on the connection has no token of the first', async () => {
      const first = request(call('list_pets'), { lines: withToken() }).replace(
        'Connection: close',
        'Connection: keep-alive',
      )
      const from = reached.length
      const { statuses } = await bytes(`${first}${request(call('list_pets'))}`)
      assert.deepEqual(statuses, [200, 401])
      assert.equal(reached.length, from + 1)
    })

    test('a header that is there twice, folded, or in another spelling changes nobody and no tool', async () => {
      const other = await issuer.token({ sub: 'usr_dana', scope: `${READ} ${WRITE}`, entitlements: [READ, WRITE] })
      const headers = call('list_pets').headers
      for (const lines of [
        [...withToken(), `Authorization: Bearer ${other}x`],
        [`Authorization: Bearer ${other}x`, ...withToken()],
        [...withToken(), 'Mcp-Name: list_pets'],
        [...withToken(), 'Mcp-Method: tools/list'],
        [...withToken(), 'MCP-Protocol-Version: 2025-11-25'],
        [`Authorization: Bearer ${token}\r\n ,Bearer ${other}x`],
        [
          ...withToken(),
          'X-Forwarded-Host: evil.example',
          'X-HTTP-Method-Override: GET',
          'X-Original-URL: /.well-known/x',
        ],
        [...withToken(), 'Mcp_Name: list_pets', 'Mcp-Name\t: list_pets'],
      ]) {
        await assertHeldOff(request({ headers, body: hidden().body }, { lines }))
      }
    })

    test('no spelling of the path makes a call out of what is public, and no call is public', async () => {
      const paths = [
        '/.well-known/oauth-protected-resource/mcp/../../mcp',
        '/.well-known/oauth-protected-resource/mcp/%2e%2e/%2e%2e/mcp',
        '//127.0.0.1/mcp',
        '/mcp/.well-known/oauth-protected-resource/mcp',
        '/mcp;/.well-known/oauth-protected-resource/mcp',
        '/mcp?/.well-known/oauth-protected-resource/mcp',
        '/.well-known/oauth-protected-resource/mcp%00',
        'http://evil.example/.well-known/oauth-protected-resource/mcp',
        '*',
      ]
      for (const target of paths) {
        const from = reached.length
        const { statuses } = await bytes(request(call('list_pets'), { target }))
        assert.ok(
          statuses.every((status) => status >= 400 && status < 500),
          `${target}: ${statuses.join()}`,
        )
        assert.equal(reached.length, from, target)
      }
    })

    test('another Host or Origin than the own is refused, whatever else is right', async () => {
      for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '127.0.0.1@evil.example']) {
        const from = reached.length
        const { statuses } = await bytes(request(call('list_pets'), { host, lines: withToken() }))
        assert.ok(
          statuses.every((status) => status === 400 || status === 403),
          `${host}: ${statuses.join()}`,
        )
        assert.equal(reached.length, from, host)
      }
      for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port}.evil.example`]) {
        const { statuses, text } = await bytes(
          request(call('list_pets'), { lines: [...withToken(), `Origin: ${origin}`] }),
        )
        assert.deepEqual(statuses, [403], origin)
        assert.doesNotMatch(text, /access-control-allow-origin/i)
      }
    })

    test('a body that two parsers read differently is read by none', async () => {
      const right = JSON.stringify(call('list_pets').body)
      for (const body of [
        right.replace('"name":"list_pets"', `"name":"${HIDDEN}","name":"list_pets"`),
        right.replace('"name":"list_pets"', `"name":"list_pets","n\\u0061me":"${HIDDEN}"`),
        right.replace('"method"', `"params":{"name":"${HIDDEN}"},"method"`),
        `[${right},${JSON.stringify(hidden().body)}]`,
        `${right}\n${JSON.stringify(hidden().body)}`,
        `\ufeff${right}`,
        `${right}\0`,
        right.replace('{', `{"__proto__":{"params":{"name":"${HIDDEN}"}},`),
        right.replace('"name":"list_pets"', `"name":["${HIDDEN}"]`),
        right.replace('"name":"list_pets"', `"name":"list_pets\\u0000${HIDDEN}"`),
        `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      ]) {
        assert.notEqual(body, right)
        const buffer = Buffer.from(body).toString('latin1')
        const length = `Content-Length: ${Buffer.byteLength(body)}`
        await assertHeldOff(request(call('list_pets'), { lines: withToken(), body: buffer, length }))
      }
    })

    test('an answer to one caller is not given to the next, whatever was cached of the first', async () => {
      const dana = await issuer.token({ sub: 'usr_dana', scope: `${READ} ${WRITE}`, entitlements: [READ, WRITE] })
      const list = modern('tools/list')
      const seen = async (given: string): Promise<boolean> => {
        const { text } = await bytes(request(list, { lines: [`Authorization: Bearer ${given}`] }))
        assert.match(text, /"cacheScope":"private"/)
        return text.includes(HIDDEN)
      }
      assert.deepEqual(
        [await seen(dana), await seen(token), await seen(dana), await seen(token)],
        [true, false, true, false],
      )
      // A token that was verified lends its standing to no other that begins or ends like it.
      const [header, payload, signature] = dana.split('.')
      const [, ownPayload, ownSignature] = token.split('.')
      for (const made of [
        `${header}.${payload}.${ownSignature}`,
        `${header}.${ownPayload}.${signature}`,
        `${dana}A`,
        `${header}.${payload}.${signature?.slice(0, -4)}AAAA`,
      ]) {
        const from = reached.length
        const { statuses } = await bytes(request(hidden(), { lines: [`Authorization: Bearer ${made}`] }))
        assert.deepEqual(statuses, [401])
        assert.equal(reached.length, from)
      }
    })

    test('the session of another person is none, in a header that is there twice or beside a stream to resume', async () => {
      const carol = await issuer.token({ sub: 'usr_carol' })
      for (const lines of [
        ['Mcp-Session-Id: s1'],
        ['Mcp-Session-Id: s1', 'Mcp-Session-Id: s2'],
        ['Mcp-Session-Id: s1', 'Last-Event-ID: 1'],
      ]) {
        const from = reached.length
        const { statuses } = await bytes(
          request(legacy('tools/list'), { lines: [`Authorization: Bearer ${carol}`, ...lines] }),
        )
        assert.deepEqual(statuses, [404])
        assert.equal(reached.length, from)
      }
    })
  })
}
