import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, requestToken, signIn, VET_ASSIST } from '@permitry/testkit'
import { decodeJwt } from 'jose'
import { callTool } from './call.ts'
import { copilotCli } from './clients/copilot-cli.ts'
import { cursor } from './clients/cursor.ts'
import { habits } from './habits.ts'
import { hostsOfClients } from './published.ts'
import { letBobAnswer, startWorld, type World } from './world.ts'

const CALLBACK = 'http://127.0.0.1:4711/callback'
const CLIENT = 'vet-assist-dev'

let world: World
before(async () => (world = await startWorld({ outbound: hostsOfClients })))
after(() => world[Symbol.asyncDispose]())

const shown = new Set<string>()

/** A test of a habit that the page of clients tells of. */
function habit(sentence: string, check: () => Promise<void>): void {
  shown.add(sentence)
  test(sentence, check)
}

/** Parameters as they are sent: a list repeats one, undefined leaves it out. */
type Sent = Readonly<Record<string, string | readonly string[] | undefined>>

async function ask(sent: Sent): Promise<{ params: URLSearchParams; verifier: string }> {
  const { url, verifier } = await authorizationUrl(world.stack.issuer, { clientId: CLIENT, redirectUri: CALLBACK })
  const request = new URL(url)
  for (const [name, value] of Object.entries(sent))
    for (const one of value === undefined ? [] : [value].flat()) request.searchParams.append(name, one)
  return { params: (await letBobAnswer(world, request.href)).searchParams, verifier }
}

/** Signs Bob in and redeems the code; the tokens. */
async function connect(sent: Sent): Promise<Record<string, string>> {
  const { params, verifier } = await ask(sent)
  assert.equal(params.get('error'), null, params.get('error_description') ?? '')
  return redeem({
    grant_type: 'authorization_code',
    code: params.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
}

async function redeem(form: Record<string, string>): Promise<Record<string, string>> {
  const { status, body } = await requestToken(world.stack.issuer, { client_id: CLIENT, ...form })
  assert.equal(status, 200, JSON.stringify(body))
  return body as Record<string, string>
}

async function assertRefused(sent: Sent, named: string): Promise<void> {
  const { params } = await ask(sent)
  assert.equal(params.get('error'), 'invalid_target')
  assert.ok(params.get('error_description')?.includes(named), params.get('error_description') ?? '')
}

async function assertReachesPets(tokens: Record<string, string>): Promise<void> {
  const caller = { url: world.stack.mcpUrl, token: tokens['access_token'] ?? '', revision: '2025-11-25' } as const
  assert.match(JSON.stringify(await callTool(caller, 'list_pets')), /Fido/)
}

const claims = (tokens: Record<string, string>) => decodeJwt(tokens['access_token'] ?? '')

habit('the slash that URL parsers add to a bare origin changes nothing', async () => {
  const tokens = await connect({ resource: `${VET_ASSIST}/`, scope: 'pet-profile:read' })
  assert.equal(claims(tokens).aud, VET_ASSIST)
  await assertReachesPets(tokens)
})

habit('the letter case of scheme and host changes nothing', async () => {
  const typed = world.stack.mcpUrl.replace('http://localhost', 'HTTP://LocalHost')
  const tokens = await connect({ resource: typed, scope: 'pet-profile:read' })
  assert.equal(claims(tokens).aud, world.stack.mcpUrl)
  await assertReachesPets(tokens)
})

habit('a slash after a path is another resource', () =>
  assertRefused({ resource: `${world.stack.mcpUrl}/`, scope: 'pet-profile:read' }, `${world.stack.mcpUrl}/`),
)

habit('a query in the address is another resource', () =>
  assertRefused({ resource: `${world.stack.mcpUrl}?utm_source=plugin`, scope: 'pet-profile:read' }, '?utm_source'),
)

habit('a request without resource is for the one server that owns its scopes', async () => {
  const tokens = await connect({ scope: 'pet-profile:read offline_access' })
  assert.equal(claims(tokens).aud, VET_ASSIST)
  await assertReachesPets(tokens)
})

habit('a request without resource and without scope is for the only server of the client', async () => {
  const tokens = await connect({})
  assert.equal(claims(tokens)['scope'], 'pet-profile:read')
  await assertReachesPets(tokens)
})

habit('one resource that is sent twice is one resource', async () => {
  const { mcpUrl } = world.stack
  await assertReachesPets(await connect({ resource: [mcpUrl, mcpUrl], scope: 'pet-profile:read' }))
  await assertRefused({ resource: [mcpUrl, 'api://another'], scope: 'pet-profile:read' }, 'one resource')
})

habit('a request without scope gets what the challenge would have named', async () => {
  const { mcpUrl } = world.stack
  const challenge = (await fetch(mcpUrl, { method: 'POST' })).headers.get('www-authenticate') ?? ''
  const tokens = await connect({ resource: mcpUrl })
  assert.ok(challenge.includes(`scope="${tokens['scope']}"`), challenge)
  await assertReachesPets(tokens)
})

habit('offline_access alone, with a space before it, is a request without scope', async () => {
  const tokens = await connect({ resource: world.stack.mcpUrl, scope: ' offline_access', prompt: 'consent' })
  assert.equal(claims(tokens)['scope'], 'pet-profile:read')
  assert.ok(tokens['refresh_token'])
  await assertReachesPets(tokens)
})

habit('a refresh token needs no offline_access', async () => {
  const tokens = await connect({ resource: world.stack.mcpUrl, scope: 'pet-profile:read' })
  assert.ok(tokens['refresh_token'])
})

habit('openid beside a resource yields an ID token, and the token for the MCP server knows nothing of it', async () => {
  const { issuer, mcpUrl } = world.stack
  const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as {
    scopes_supported: string[]
  }
  const tokens = await connect({ resource: mcpUrl, scope: metadata.scopes_supported.join(' ') })
  assert.equal(decodeJwt(tokens['id_token'] ?? '').aud, CLIENT)
  assert.deepEqual([claims(tokens).aud, claims(tokens)['scope']], [mcpUrl, 'pet-profile:read'])
  await assertReachesPets(tokens)
})

habit('a refresh without resource and without scope keeps everything', async () => {
  const tokens = await connect({ resource: world.stack.mcpUrl, scope: 'pet-profile:read appointments:read' })
  const next = await redeem({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? '' })
  assert.deepEqual([claims(next).aud, claims(next)['scope']], [claims(tokens).aud, claims(tokens)['scope']])
  await assertReachesPets(next)
})

habit('a HEAD request is challenged like any other', async () => {
  const { mcpUrl } = world.stack
  const response = await fetch(mcpUrl, { method: 'HEAD', headers: { accept: 'application/json' } })
  assert.equal(response.status, 401)
  const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? []
  assert.equal(((await (await fetch(metadata)).json()) as { resource: string }).resource, mcpUrl)
})

habit('metadata is found by a client that speaks an older revision there', async () => {
  const { issuer, mcpUrl } = world.stack
  const { origin, pathname } = new URL(mcpUrl)
  for (const url of [
    `${origin}/.well-known/oauth-protected-resource${pathname}`,
    `${origin}/.well-known/oauth-protected-resource`,
    `${issuer}/.well-known/oauth-authorization-server`,
    `${issuer}/.well-known/openid-configuration`,
  ]) {
    assert.equal((await fetch(url, { headers: { 'mcp-protocol-version': '2024-11-05' } })).status, 200, url)
  }
})

habit('select_account asks who it is, though somebody is signed in', async () => {
  const { browser, stack } = world
  await connect({ scope: 'pet-profile:read' })
  const { url } = await authorizationUrl(stack.issuer, {
    clientId: CLIENT,
    redirectUri: CALLBACK,
    resource: stack.mcpUrl,
    extra: { prompt: 'select_account' },
  })
  const page = await browser.open(url)
  assert.ok(page.url.includes('/login?'), page.url)
  assert.ok((await signIn(browser, page, 'bob')).url.includes('/consent?'))
})

habit('a native client is answered at any port of its loopback address, also where it registered one', async () => {
  const [document] = copilotCli.introductions
  assert.deepEqual(document?.metadata['redirect_uris'], ['http://127.0.0.1:33418/'])
  const { answer } = await askAs('https://github.com/copilot/cli/client-metadata.json', 'http://127.0.0.1:60005/')
  assert.ok(answer.searchParams.has('code'), answer.href)
})

habit('an address that a document does not have is shown to the person, and nothing is sent there', async () => {
  const document = 'https://claude.ai/oauth/claude-code-client-metadata'
  for (const redirectUri of [
    'claude://oauth/callback',
    'http://localhost:3118/elsewhere',
    'http://localhost.evil.example/callback',
  ])
    await assert.rejects(askAs(document, redirectUri), /with 400: [^]*Claude Code/, redirectUri)
})

habit('a client with a scheme of its own is native, though it says web', async () => {
  const [metadata] = cursor.introductions.map((one) => one.metadata)
  assert.equal(metadata?.['application_type'], 'web')
  const registered = await register(metadata ?? {})
  assert.equal(registered['application_type'], 'native')
  const { answer } = await askAs(registered['client_id'] ?? '', 'cursor://anysphere.cursor-mcp/oauth/callback')
  assert.ok(answer.searchParams.has('code'), answer.href)
})

habit('a client that registered the scope of its first challenge may ask for more later', async () => {
  const redirectUri = 'http://127.0.0.1:4711/oauth/callback'
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', scope: 'pet-profile:read' }
  const { client_id = '' } = await register(metadata)
  const { answer, verifier } = await askAs(client_id, redirectUri, 'pet-profile:read appointments:write')
  const tokens = await redeem({
    client_id,
    grant_type: 'authorization_code',
    code: answer.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  assert.equal(claims(tokens)['scope'], 'pet-profile:read appointments:write')
})

async function register(metadata: object): Promise<Record<string, string>> {
  const response = await fetch(`${world.stack.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
  assert.equal(response.status, 201)
  return (await response.json()) as Record<string, string>
}

/** Bob signs in for a client that nobody registered beforehand. */
async function askAs(clientId: string, redirectUri: string, scope = 'pet-profile:read') {
  const request = { clientId, redirectUri, scope, resource: world.stack.mcpUrl }
  const { url, verifier } = await authorizationUrl(world.stack.issuer, request)
  return { answer: await letBobAnswer(world, url), verifier }
}

test('each habit of the page has its test', () => {
  assert.deepEqual([...shown].sort(), Object.keys(habits).sort())
})
