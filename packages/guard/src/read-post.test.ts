import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { guard } from './index.ts'
import { createTestIssuer, ISSUER, NOW, RESOURCE } from './test-issuer.ts'

const VERSION = 'io.modelcontextprotocol/protocolVersion'
const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'whoami' }

let token: string
let serve: (request: Request) => Promise<Response>
before(async () => {
  const issuer = await createTestIssuer()
  token = await issuer.token()
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { whoami: [], '=?base64?x': [], größe: [] },
    resources: { 'pet://{petId}': [] },
    maxBodyBytes: 2_000,
    clock: () => NOW,
    fetch: issuer.fetch,
  })(async (_request, { parsedBody }) => Response.json({ reached: parsedBody }))
})

function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return serve(
    new Request(RESOURCE, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  )
}

function toolsCall(name = 'whoami', version: unknown = '2026-07-28'): object {
  return { jsonrpc: '2.0', id: 'r1', method: 'tools/call', params: { name, _meta: { [VERSION]: version } } }
}

async function codeOf(response: Response): Promise<[status: number, code: unknown, id: unknown]> {
  const { error, id } = (await response.json()) as { error?: { code: number }; id: unknown }
  return [response.status, error?.code, id]
}

describe('headers that mirror the body, from 2026-07-28 on', () => {
  test('in agreement they pass', async () => {
    assert.equal((await send(toolsCall(), modernHeaders)).status, 200)
  })

  const mismatches: Record<string, Record<string, string | undefined>> = {
    'another tool in `Mcp-Name`': { 'mcp-name': 'list_pets' },
    'a tool in another letter case': { 'mcp-name': 'Whoami' },
    'two tools in `Mcp-Name`': { 'mcp-name': 'whoami, whoami' },
    'another tool behind base64': { 'mcp-name': `=?base64?${btoa('list_pets')}?=` },
    'base64 that is none': { 'mcp-name': '=?base64?d2hvYW1p=?=' },
    'base64 that is no UTF-8': { 'mcp-name': `=?base64?${btoa('\u00ff')}?=` },
    'base64 with the marker in capitals': { 'mcp-name': `=?BASE64?${btoa('whoami')}?=` },
    'no `Mcp-Name`': { 'mcp-name': undefined },
    'another method in `Mcp-Method`': { 'mcp-method': 'tools/list' },
    'no `Mcp-Method`': { 'mcp-method': undefined },
    'an older version in the header': { 'mcp-protocol-version': '2025-11-25' },
    'a later version in the header': { 'mcp-protocol-version': '2027-01-01' },
    'no version in the header': { 'mcp-protocol-version': undefined },
  }
  for (const [name, change] of Object.entries(mismatches)) {
    test(`${name}: 400, -32020 and the id of the request`, async () => {
      const entries = Object.entries({ ...modernHeaders, ...change })
      const headers = Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
      assert.deepEqual(await codeOf(await send(toolsCall(), headers)), [400, -32020, 'r1'])
    })
  }

  test('a name in base64 is compared as what it says', async () => {
    const encoded = `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode('größe')))}?=`
    assert.equal((await send(toolsCall('größe'), { ...modernHeaders, 'mcp-name': encoded })).status, 200)
    assert.equal((await send(toolsCall('whoami'), { ...modernHeaders, 'mcp-name': encoded })).status, 400)
    const latin1 = { ...modernHeaders, 'mcp-name': 'größe' }
    assert.equal((await send(toolsCall('größe'), latin1)).status, 400, 'other characters must be in base64')
    const plain = { ...modernHeaders, 'mcp-name': '=?base64?x' }
    assert.equal((await send(toolsCall('=?base64?x'), plain)).status, 200, 'without its end a marker is none')
  })

  test('`Mcp-Name` mirrors the URI of a resource', async () => {
    const read = {
      jsonrpc: '2.0',
      id: 'r1',
      method: 'resources/read',
      params: { uri: 'pet://fido', _meta: { [VERSION]: '2026-07-28' } },
    }
    const headers = { ...modernHeaders, 'mcp-method': 'resources/read' }
    assert.equal((await send(read, { ...headers, 'mcp-name': 'pet://fido' })).status, 200)
    assert.deepEqual(await codeOf(await send(read, { ...headers, 'mcp-name': 'pet://misty' })), [400, -32020, 'r1'])
  })

  test('a header of 2026-07-28 over a body of before is not taken for either', async () => {
    const bare = { jsonrpc: '2.0', id: 'r1', method: 'tools/call', params: { name: 'whoami' } }
    assert.deepEqual(await codeOf(await send(bare, modernHeaders)), [400, -32602, 'r1'])
    const initialize = { ...bare, method: 'initialize', params: {} }
    const headers = { ...modernHeaders, 'mcp-method': 'initialize' }
    assert.deepEqual(await codeOf(await send(initialize, headers)), [400, -32020, 'r1'])
    assert.deepEqual(await codeOf(await send({ jsonrpc: '2.0', id: 'r1', result: {} }, modernHeaders)), [
      400,
      -32600,
      null,
    ])
  })

  test('a version that is no text is refused', async () => {
    assert.deepEqual(await codeOf(await send(toolsCall('whoami', 20260728), modernHeaders)), [400, -32602, 'r1'])
  })
})

describe('messages of before', () => {
  test('are decided by their body, whatever headers say that nobody validated', async () => {
    const legacy = { jsonrpc: '2.0', id: 'r1', method: 'tools/call', params: { name: 'whoami' } }
    assert.equal((await send(legacy)).status, 200)
    assert.equal((await send(legacy, { 'mcp-method': 'tools/list', 'mcp-name': 'other' })).status, 200)
    const other = { ...legacy, params: { name: 'other' } }
    const hidden = await send(other, { 'mcp-method': 'tools/call', 'mcp-name': 'whoami' })
    assert.deepEqual(await codeOf(hidden), [200, -32602, 'r1'])
  })

  test('answers to requests of the server pass', async () => {
    for (const answer of [{ result: {} }, { error: { code: 1, message: 'no' } }]) {
      assert.equal((await send({ jsonrpc: '2.0', id: 7, ...answer })).status, 200)
    }
  })

  test('batches are refused', async () => {
    const one = { jsonrpc: '2.0', id: 1, method: 'ping' }
    for (const batch of [[one], [one, one], []]) {
      assert.deepEqual(await codeOf(await send(batch)), [400, -32600, null])
    }
  })
})

describe('bodies that are no message', () => {
  const bodies: Record<string, [unknown, number]> = {
    'no JSON': ['{', -32700],
    'one key twice': ['{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', -32700],
    'a prototype': ['{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{}}}', -32700],
    'another version of JSON-RPC': [{ jsonrpc: '1.0', id: 1, method: 'ping' }, -32600],
    'a text': ['"ping"', -32600],
    'a request that is an answer too': [{ jsonrpc: '2.0', id: 1, method: 'ping', result: {} }, -32600],
    'an id that is an object': [{ jsonrpc: '2.0', id: {}, method: 'ping' }, -32600],
    'an id that is null': [{ jsonrpc: '2.0', id: null, method: 'ping' }, -32600],
    'an id that is a fraction': [{ jsonrpc: '2.0', id: 1.5, method: 'ping' }, -32600],
    'params as a list': [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, -32600],
    'no method': [{ jsonrpc: '2.0', id: 1 }, -32600],
  }
  for (const [name, [body, code]] of Object.entries(bodies)) {
    test(name, async () => {
      const [status, answered] = await codeOf(await send(body))
      assert.deepEqual([status, answered], [400, code])
    })
  }

  test('a body that is too long is not read, declared or not', async () => {
    const long = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(3_000) } })
    assert.equal((await send(long)).status, 413)
    assert.equal((await send(long, { 'content-length': String(long.length) })).status, 413)
    assert.equal((await send(long, { 'content-length': '10' })).status, 413, 'a declared length that is too small')
  })

  test('another media type is refused', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    for (const type of ['text/plain', 'application/json-patch+json', 'application/x-www-form-urlencoded']) {
      assert.equal((await send(ping, { 'content-type': type })).status, 415)
    }
    assert.equal((await send(ping, { 'content-type': 'Application/JSON; charset=utf-8' })).status, 200)
  })
})

describe('methods', () => {
  test('one that is not known is refused: 404 from 2026-07-28 on, and before with a status that ends no session', async () => {
    for (const method of ['tools/delete', 'tasks/list', 'constructor', 'resources/subscribe', 'initialize']) {
      const params = { _meta: { [VERSION]: '2026-07-28' } }
      const headers = { ...modernHeaders, 'mcp-method': method }
      assert.deepEqual(await codeOf(await send({ jsonrpc: '2.0', id: 'r1', method, params }, headers)), [
        404,
        -32601,
        'r1',
      ])
    }
    const legacy = { jsonrpc: '2.0', id: 'r1', method: 'subscriptions/listen' }
    assert.deepEqual(await codeOf(await send(legacy)), [200, -32601, 'r1'])
  })

  test('a call without an id is no notification, and a notification with one is no call', async () => {
    const call = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'whoami' } }
    assert.deepEqual(await codeOf(await send(call)), [400, -32601, null])
    const notification = { jsonrpc: '2.0', id: 'r1', method: 'notifications/initialized' }
    assert.deepEqual(await codeOf(await send(notification)), [200, -32601, 'r1'])
  })

  test('a call must name a tool and bring arguments as an object', async () => {
    for (const params of [{}, { name: 1 }, { name: 'whoami', arguments: [] }, { name: 'whoami', arguments: 'x' }]) {
      const message = { jsonrpc: '2.0', id: 'r1', method: 'tools/call', params }
      assert.deepEqual(await codeOf(await send(message)), [200, -32602, 'r1'])
    }
  })
})
