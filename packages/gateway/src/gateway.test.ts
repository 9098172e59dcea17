import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answering,
  legacy,
  modern,
  RESOURCE,
  send,
  startGateway,
  startUpstream,
  tokenFor,
  type Seen,
} from './testing.ts'

const TOOLS = {
  tools: [{ name: 'look' }, { name: 'change' }, { name: 'secret' }, { name: 'unnamed' }],
  ttlMs: 1,
  cacheScope: 'public',
}
const entitlements = ['read', 'write']

for (const [era, ask] of [
  ['2026-07-28', modern],
  ['2025-11-25', legacy],
] as const) {
  test(`${era}: a call that its rule allows reaches the MCP server, and its answer the caller`, async (t) => {
    const seen: Seen[] = []
    const { port } = await startGateway(t, await startUpstream(t, answering({ content: [] }, seen)))
    const { status, json } = await send(
      port,
      ask('tools/call', { name: 'look', arguments: { a: 1 } }, await tokenFor()),
    )
    assert.deepEqual([status, json], [200, { jsonrpc: '2.0', id: 7, result: { content: [] } }])
    assert.deepEqual((JSON.parse(seen[0]?.body ?? '') as { params: { arguments: unknown } }).params.arguments, { a: 1 })
  })

  test(`${era}: what the guard refuses never reaches the MCP server`, async (t) => {
    const seen: Seen[] = []
    const { port } = await startGateway(t, await startUpstream(t, answering({}, seen)))
    const call = (name: string, token?: string) => send(port, ask('tools/call', { name, arguments: {} }, token))
    const none = await call('look')
    assert.equal(none.status, 401)
    assert.match(
      none.headers['www-authenticate'] ?? '',
      /^Bearer .*resource_metadata="http:\/\/localhost:9403\/\.well-known/,
    )
    const token = await tokenFor({ entitlements })
    const challenged = await call('change', token)
    assert.equal(challenged.status, 403)
    assert.match(challenged.headers['www-authenticate'] ?? '', /insufficient_scope.*scope="write"/)
    assert.match((await call('secret', token)).json.error?.message ?? '', /^Tool secret not found/)
    assert.match((await call('unnamed', token)).json.error?.message ?? '', /^Tool unnamed not found/)
    assert.deepEqual(seen, [])
  })

  test(`${era}: a list shows what the caller may see, and nobody may share it`, async (t) => {
    const { port } = await startGateway(t, await startUpstream(t, answering(TOOLS)))
    const { json, headers } = await send(port, ask('tools/list', {}, await tokenFor({ entitlements })))
    assert.deepEqual(json.result?.['tools'], [{ name: 'look' }, { name: 'change' }])
    assert.equal(headers['cache-control'], 'no-store')
    if (era === '2026-07-28') assert.equal(json.result?.['cacheScope'], 'private')
  })
}

test('the metadata of the MCP server is served for the path of its URL', async (t) => {
  const { port } = await startGateway(t, 'http://127.0.0.1:1/mcp')
  for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']) {
    const { text } = await send(port, { method: 'GET', path })
    assert.equal((JSON.parse(text) as { resource: string }).resource, RESOURCE)
  }
})

test('each MCP server has its path, its audience, its rules and its metadata', async (t) => {
  const [first, second] = [[] as Seen[], [] as Seen[]]
  const other = {
    id: 'wiki',
    url: await startUpstream(t, answering({}, second)),
    resource: 'http://localhost:9403/wiki/mcp',
    default_scopes: [],
    tools: { look: { scopes: [] } },
    input_schemas: 'none' as const,
  }
  const { port } = await startGateway(t, await startUpstream(t, answering({}, first)), { others: [other] })
  const [docs, wiki] = [await tokenFor(), await tokenFor({ aud: other.resource, scope: '' })]
  const call = modern('tools/call', { name: 'look', arguments: {} })
  const status = async (path: string, token: string) => (await send(port, { ...call, path, token })).status
  assert.equal(await status('/mcp', docs), 200)
  assert.equal(await status('/wiki/mcp', wiki), 200)
  assert.equal(await status('/mcp', wiki), 401)
  assert.equal(await status('/wiki/mcp', docs), 401)
  assert.deepEqual([first.length, second.length], [1, 1])
  const metadata = await send(port, { method: 'GET', path: '/.well-known/oauth-protected-resource/wiki/mcp' })
  assert.equal((JSON.parse(metadata.text) as { resource: string }).resource, other.resource)
  // Without a path it could mean either.
  assert.equal((await send(port, { method: 'GET', path: '/.well-known/oauth-protected-resource' })).status, 404)
})

test('only what MCP needs goes on: no token, proof, cookie, forwarded header or header of this hop', async (t) => {
  const seen: Seen[] = []
  const { port } = await startGateway(t, await startUpstream(t, answering({}, seen)), {
    change: { credential: { header: { name: 'X-Api-Key', value: 'ours' } } },
  })
  const sent = modern('tools/call', { name: 'look', arguments: {} }, await tokenFor())
  const headers = {
    ...sent.headers,
    cookie: 'session=1',
    dpop: 'proof',
    'x-api-key': 'theirs',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    'proxy-authorization': 'Basic x',
    te: 'trailers',
    'accept-encoding': 'gzip',
    'mcp-session-id': 'somebody',
    'mcp-param-region': 'eu',
    traceparent: '00-1-2-01',
    origin: 'http://localhost:1',
    referer: 'http://localhost:1/page?secret',
  }
  assert.equal((await send(port, { ...sent, headers })).status, 200)
  const { host, ...arrived } = seen[0]?.headers ?? {}
  assert.match(host ?? '', /^127\.0\.0\.1:/)
  assert.deepEqual(arrived, {
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    connection: 'keep-alive',
    'content-length': String(seen[0]?.body.length),
    'content-type': 'application/json',
    'mcp-method': 'tools/call',
    'mcp-name': 'look',
    'mcp-param-region': 'eu',
    'mcp-protocol-version': '2026-07-28',
    traceparent: '00-1-2-01',
    'user-agent': 'permitry-gateway',
    'x-api-key': 'ours',
  })
})

test('each decision is told before the MCP server hears of the call, and no call goes on untold', async (t) => {
  const seen: Seen[] = []
  const told: string[] = []
  const url = await startUpstream(t, answering({}, seen))
  const { port } = await startGateway(t, url, {
    audit: ({ outcome, resource }) => {
      told.push(`${outcome} ${resource.id} ${seen.length}`)
      if (resource.id === 'look' && told.length > 2) throw new Error('the disk is full')
    },
  })
  const token = await tokenFor({ entitlements })
  const status = async (name: string) => (await send(port, modern('tools/call', { name, arguments: {} }, token))).status
  assert.deepEqual([await status('look'), await status('change'), await status('look')], [200, 403, 500])
  assert.deepEqual(told, ['allow look 0', 'challenge change 1', 'allow look 1'])
  assert.equal(seen.length, 1)
})
