// `npm run guides:nginx`: docs/guides/production.md with a real nginx, and each line of its configuration that somebody could leave out.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { authorize, Browser, guardToken, requestToken } from '@permitry/testkit'
import { startWorld, type World } from './nginx-world.ts'

const CLIENT = 'notes-app'
const REDIRECT = 'http://127.0.0.1:1/callback'

let world: World
before(async () => (world = await startWorld()))
after(() => world[Symbol.asyncDispose]())

/** What must hold through nginx. Each is shown a configuration in which it does not. */
const CHECKS = {
  async 'a client finds the authorization server from the MCP server alone, by public addresses only'() {
    const refused = await fetch(world.resource, { method: 'POST', body: '{}' })
    assert.equal(refused.status, 401)
    const [, address = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? []
    assert.equal(new URL(address).origin, new URL(world.resource).origin)
    const metadata = (await (await fetch(address)).json()) as { resource: string; authorization_servers: string[] }
    assert.deepEqual([metadata.resource, metadata.authorization_servers], [world.resource, [world.issuer]])
    const server = await fetch(`${world.issuer}/.well-known/oauth-authorization-server`)
    const found = (await server.json()) as Record<string, unknown>
    assert.equal(found['issuer'], world.issuer)
    for (const name of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'jwks_uri'])
      assert.ok(String(found[name]).startsWith(`${world.issuer}/`), `${name} is ${String(found[name])}`)
  },

  async 'an address of plain http leads to https'() {
    const plain = await fetch(`http://auth.example.com:${world.httpPort}/account`, { redirect: 'manual' })
    assert.equal(plain.status, 301)
    assert.equal(plain.headers.get('location'), 'https://auth.example.com/account')
  },

  async 'Bob signs in under a cookie that is bound to this host, consents, and calls a tool'() {
    const { browser, token } = await signInAsBob()
    const names = browser
      .cookies(world.issuer)
      .split('; ')
      .map((pair) => pair.split('=')[0] ?? '')
    assert.ok(names.length > 0 && names.every((name) => name.startsWith('__Host-')), names.join(', '))
    assert.match(await listNotes(token), /Buy milk/)
  },

  async 'every cookie is for https alone, and out of reach of scripts'() {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT,
      redirect_uri: REDIRECT,
      resource: world.resource,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const answer = await fetch(`${world.issuer}/authorize?${query.toString()}`, { redirect: 'manual' })
    const cookies = answer.headers.getSetCookie()
    assert.ok(cookies.length > 0, `${answer.status}`)
    for (const cookie of cookies)
      for (const part of [/^__Host-/, /; Secure/, /; HttpOnly/, /; SameSite=/, /; Path=\//]) assert.match(cookie, part)
  },

  async 'what the MCP server says in a stream arrives when it is said'() {
    const response = await fetch(new URL('/stream', world.resource), { signal: AbortSignal.timeout(3_000) })
    const reader = response.body!.getReader()
    const { value } = await reader.read()
    assert.equal(new TextDecoder().decode(value), 'data: first\n\n')
    await reader.cancel()
  },

  async 'the question of a guard stays open until there is an answer'() {
    const authorization = `Bearer ${await guardToken(world.credential)}`
    const send = (path: string, body: object) =>
      fetch(`${world.issuer}/guard/${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const stream = (await (await send('streams', { delivery: { method: 'urn:ietf:rfc:8936' } })).json()) as {
      stream_id: string
    }
    const events = `streams/${stream.stream_id}/events`
    let ack: string[] = []
    for (let more = true; more;) {
      const polled = await send(events, { ack, returnImmediately: true })
      const { sets, moreAvailable = false } = (await polled.json()) as {
        sets: Record<string, string>
        moreAvailable?: boolean
      }
      ack = Object.keys(sets)
      more = moreAvailable || ack.length > 0
    }
    const asked = performance.now()
    const answer = await send(events, {})
    assert.equal(answer.status, 200)
    assert.ok(performance.now() - asked > 3_000, 'it was answered at once')
  },

  async 'the address of a caller is his own, whatever he writes into headers'() {
    const name = `Notes ${Math.random()}`
    const body = JSON.stringify({ client_name: name, redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' })
    const forged = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.8', 'x-real-ip': '203.0.113.9' }
    const sent = httpsRequest(`${world.issuer}/register`, {
      method: 'POST',
      // this machine has all of 127.0.0.0/8: nginx is at .1 and the caller at .2
      localAddress: '127.0.0.2',
      ca: world.ca,
      headers: { 'content-type': 'application/json', ...forged },
    }).end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const { client_id: id } = JSON.parse(await text(answer)) as { client_id: string }
    assert.deepEqual(world.addressesOf(id), ['127.0.0.2'])
  },

  async 'what an operator takes back is refused by the guard within two seconds'() {
    const { token } = await signInAsBob()
    assert.match(await listNotes(token), /Buy milk/)
    const grants = JSON.parse(await world.permitry('grant', 'list', '--json')) as { id: string }[]
    assert.equal(grants.length, 1)
    await world.permitry('grant', 'withdraw', grants[0]?.id ?? '')
    const until = performance.now() + 2_000
    while ((await statusOf(token)) !== 401) assert.ok(performance.now() < until, 'the token still opens the tool')
  },
} as const satisfies Record<string, () => Promise<void>>

describe('through nginx as the guide sets it up', () => {
  for (const [name, check] of Object.entries(CHECKS)) test(name, check)
})

/** A line that is left out or written wrongly, and the check that must see it. */
const SABOTAGE: readonly (readonly [what: string, from: string, to: string, check: keyof typeof CHECKS])[] = [
  [
    'a location of its own for /.well-known',
    '  location / {\n    proxy_pass http://permitry;',
    '  location /.well-known/ { return 404; }\n  location / {\n    proxy_pass http://permitry;',
    'a client finds the authorization server from the MCP server alone, by public addresses only',
  ],
  [
    'an MCP server whose metadata is not passed on',
    '  location / {\n    proxy_pass http://mcp_server;',
    '  location /mcp {\n    proxy_pass http://mcp_server;',
    'a client finds the authorization server from the MCP server alone, by public addresses only',
  ],
  [
    'addresses that are not handed on',
    '    proxy_set_header X-Forwarded-For $remote_addr;\n    # Permitry',
    '    # Permitry',
    'the address of a caller is his own, whatever he writes into headers',
  ],
  [
    'a Forwarded header of the client that comes through',
    '    proxy_set_header Forwarded "";\n    # A guard',
    '    # A guard',
    'the address of a caller is his own, whatever he writes into headers',
  ],
  [
    'streams that nginx keeps back',
    '    proxy_buffering off;\n',
    '',
    'what the MCP server says in a stream arrives when it is said',
  ],
  [
    'a question that nginx cuts off',
    'proxy_read_timeout 30s;',
    'proxy_read_timeout 1s;',
    'the question of a guard stays open until there is an answer',
  ],
  [
    'no way from http',
    'return 301 https://$host$request_uri;',
    'return 404;',
    'an address of plain http leads to https',
  ],
]

describe('a check that saw nothing would be green, so each is shown', () => {
  for (const [what, from, to, name] of SABOTAGE)
    test(what, async () => {
      await world.restartNginx((configuration) => {
        const changed = configuration.replace(from, to)
        assert.notEqual(changed, configuration, 'the configuration has no such line any more')
        return changed
      })
      await assert.rejects(CHECKS[name])
    })
})

async function signInAsBob(): Promise<{ browser: Browser; token: string }> {
  const browser = new Browser()
  const request = { clientId: CLIENT, redirectUri: REDIRECT, resource: world.resource, scope: 'notes:read' }
  const { params, verifier } = await authorize(world.issuer, request, 'bob', { browser })
  assert.equal(params.get('iss'), world.issuer)
  const form = {
    grant_type: 'authorization_code',
    client_id: CLIENT,
    redirect_uri: REDIRECT,
    code: params.get('code') ?? '',
    code_verifier: verifier,
    resource: world.resource,
  }
  const { body } = await requestToken(world.issuer, form)
  return { browser, token: String(body['access_token']) }
}

async function listNotes(token: string): Promise<string> {
  const client = new Client({ name: 'guide', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(world.resource), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  )
  try {
    return JSON.stringify(await client.callTool({ name: 'list_notes' }))
  } finally {
    await client.close()
  }
}

async function statusOf(token: string): Promise<number> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'guide', version: '1' } },
  })
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  const response = await fetch(world.resource, { method: 'POST', headers, body })
  await response.body?.cancel()
  return response.status
}
