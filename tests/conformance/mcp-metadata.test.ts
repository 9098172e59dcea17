import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { listen, type Listening } from '@permitry/testkit'
import { conformanceStack, tokensFor } from './harness.ts'
import { bearerOf, call, legacy, modern, post } from './mcp-client.ts'
import { modernServer, READ } from './mcp-server.ts'

let atRoot: Listening
const server = conformanceStack(async ({ issuer, stack }) => {
  stack.serveMcp(modernServer(issuer, stack.mcpUrl).serve)
  atRoot = await listen()
  atRoot.serve(modernServer(issuer, atRoot.origin).serve)
})
after(() => atRoot.close())

const placesOf = (mcpUrl: string): [path: string, root: string] => {
  const { origin, pathname } = new URL(mcpUrl)
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`
  return [`${wellKnown}${pathname === '/' ? '' : pathname}`, wellKnown]
}

test('RS-2, RS-3, RS-4, RS-42, RS-43: the metadata is at both well-known places and names the URL that clients use, byte for byte', async () => {
  const { issuer, stack } = server()
  for (const resource of [stack.mcpUrl, atRoot.origin]) {
    for (const place of placesOf(resource)) {
      const response = await fetch(place)
      assert.equal(response.status, 200, place)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json\b/)
      const document = (await response.json()) as Record<string, unknown>
      assert.equal(document['resource'], resource)
      assert.deepEqual(document['authorization_servers'], [issuer])
    }
  }
})

test('RS-4, RS-45, BC-13, RS-41: a request without token is a 401 whose challenge leads to the metadata, in every era', async () => {
  const { stack } = server()
  for (const sent of [call('list_pets'), modern('server/discover'), legacy('initialize'), legacy('tools/list')]) {
    const answer = await post(stack.mcpUrl, sent)
    assert.equal(answer.status, 401)
    const { resource_metadata: place, error } = bearerOf(answer)
    assert.equal(place, placesOf(stack.mcpUrl)[0])
    assert.equal(error, undefined, 'no error code without credentials')
    const document = (await (await fetch(String(place))).json()) as { resource: string }
    assert.equal(document.resource, stack.mcpUrl)
  }
})

test('RS-5, RS-6, RS-7, RS-44: challenge, metadata and the default of a request without scope are one set', async () => {
  const { issuer, stack } = server()
  const { scope } = bearerOf(await post(stack.mcpUrl, call('update_pet')))
  assert.equal(scope, READ)
  for (const place of placesOf(stack.mcpUrl)) {
    const document = (await (await fetch(place)).json()) as Record<string, unknown>
    assert.deepEqual(document['scopes_supported'], [READ])
    assert.deepEqual(document['bearer_methods_supported'], ['header'])
  }
  const { reply } = await tokensFor('dana', issuer, 'exact', { scope: undefined, resource: stack.mcpUrl })
  assert.equal(reply.body['scope'], READ)
})

test('RS-14: offline_access is neither in the metadata nor in a challenge', async () => {
  const { issuer } = server()
  await using listening = await listen()
  listening.serve(modernServer(issuer, listening.origin, { guard: { defaultScopes: [READ] } }).serve)
  for (const place of placesOf(listening.origin))
    assert.doesNotMatch(await (await fetch(place)).text(), /offline_access/)
  assert.doesNotMatch(
    (await post(listening.origin, call('list_pets'))).headers.get('www-authenticate') ?? '',
    /offline_access/,
  )
})

test('RS-43: no member is null or an empty array, also when there is no default scope', async () => {
  const { issuer } = server()
  await using listening = await listen()
  listening.serve(modernServer(issuer, listening.origin, { guard: { defaultScopes: [] } }).serve)
  const document = (await (await fetch(placesOf(listening.origin)[0])).json()) as Record<string, unknown>
  for (const [name, value] of Object.entries(document))
    assert.ok(value !== null && (!Array.isArray(value) || value.length > 0), name)
  assert.equal(bearerOf(await post(listening.origin, call('list_pets')))['scope'], undefined)
})

test('RS-35: metadata can be read by pages of any origin', async () => {
  const { stack } = server()
  for (const place of placesOf(stack.mcpUrl)) {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await fetch(place, {
        method,
        headers: { origin: 'https://inspector.example', 'access-control-request-method': 'GET' },
      })
      assert.ok([200, 204].includes(response.status))
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
    }
  }
})

test('RS-35: a page may preflight without token, send what MCP needs and read the challenge', async () => {
  const { stack } = server()
  const origin = new URL(stack.mcpUrl).origin.replace(/:\d+$/, ':5173')
  const wanted =
    'authorization, content-type, accept, dpop, mcp-protocol-version, mcp-method, mcp-name, mcp-param-region, mcp-session-id, last-event-id'
  const preflight = await fetch(stack.mcpUrl, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': wanted },
  })
  assert.ok([200, 204].includes(preflight.status), String(preflight.status))
  assert.equal(preflight.headers.get('access-control-allow-origin'), origin)
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/)
  const allowed = (preflight.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/)
  for (const name of wanted.split(', ')) assert.ok(allowed.includes(name), name)
  const sent = call('list_pets')
  const refused = await post(stack.mcpUrl, { ...sent, headers: { ...sent.headers, origin } })
  assert.equal(refused.status, 401)
  const exposed = (refused.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(/\s*,\s*/)
  for (const name of ['www-authenticate', 'mcp-session-id', 'dpop-nonce']) assert.ok(exposed.includes(name), name)
  assert.equal(refused.headers.get('access-control-allow-credentials'), null)
})

test('RS-1, RS-2: from the challenge alone a client finds the authorization server, gets a token and calls a tool', async () => {
  const { stack } = server()
  const { resource_metadata: place = '', scope } = bearerOf(await post(stack.mcpUrl, call('list_pets')))
  const { resource, authorization_servers: servers } = (await (await fetch(place)).json()) as {
    resource: string
    authorization_servers: string[]
  }
  const { accessToken } = await tokensFor('bob', servers[0] ?? '', 'exact', { resource, scope })
  const answer = await post(stack.mcpUrl, call('list_pets'), accessToken)
  assert.equal(answer.status, 200, answer.text)
})
