// A server that knows nothing of Permitry behind the gateway, with the real authorization server and the official client.
import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import type { Client } from '@modelcontextprotocol/client'
import type { Gateway } from '@permitry/gateway'
import { listDecisions, readCatalogue } from '@permitry/server'
import {
  addCredential,
  appSecret,
  authorize,
  type Person,
  requestToken,
  type Stack,
  startStack,
  VET_ASSIST,
} from '@permitry/testkit'
import { EVERYTHING, startForeign } from './foreign-server.ts'
import { connectClient, startGateway } from './start-gateway.ts'

const APP = 'http://localhost:9402/callback'
const TOOLS = {
  echo: {
    scopes: ['pet-profile:read'],
    arguments: { message: { matches: 'pets/*', max_length: 20 } },
    otherwise: 'only names under pets/ can be echoed',
  },
  'get-sum': { scopes: ['reminders:write'] },
  'get-env': { scopes: ['pet-profile:write'] },
  'get-tiny-image': { scopes: ['pet-profile:write'], when_never: 'explain' },
}

const running = new AsyncDisposableStack()
let stack: Stack
let url: string
let errors: readonly Error[]
let served: Gateway

before(async () => {
  const foreign = running.use(await startForeign(EVERYTHING))
  const gateway = await startGateway()
  ;({ url, errors } = gateway)
  stack = await startStack({
    change: (config) => ({
      ...config,
      servers: config.servers.map((server) => ({ ...server, urls: [...server.urls, url] })),
    }),
  })
  running.defer(() => stack.close())
  // Ended first: it listens to the authorization server.
  running.use(gateway)
  const credential = await addCredential(stack)
  served = gateway.serve(stack.issuer, {
    url: foreign.url,
    names: [VET_ASSIST],
    default_scopes: ['pet-profile:read'],
    tools: TOOLS,
    guard_credential: JSON.stringify(credential),
  })
})
after(() => running.disposeAsync())

async function tokenOf(person: Person, scope: string): Promise<string> {
  const request = { clientId: 'vet-assist-ai', redirectUri: APP, resource: url, scope }
  const { params, verifier } = await authorize(stack.issuer, request, person)
  const form = { grant_type: 'authorization_code', code: params.get('code') ?? '', code_verifier: verifier }
  const answer = await requestToken(
    stack.issuer,
    { ...form, redirect_uri: APP, client_id: 'vet-assist-ai', resource: url },
    appSecret,
  )
  return String(answer.body['access_token'])
}

const textOf = (result: unknown): string => JSON.stringify((result as { readonly content: unknown }).content)

async function clientOf(t: TestContext, token: string): Promise<Client> {
  const client = await connectClient(url, token)
  t.after(() => client.close())
  return client
}

/** A call as bytes of HTTP, to see the challenge; the session is the client's. */
async function challengeFor(name: string, token: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { a: 2, b: 3 } } }),
  })
}

test('a stranger learns where to ask, and nothing else', async () => {
  const answer = await fetch(url, { method: 'POST', body: '{}' })
  assert.equal(answer.status, 401)
  const metadata = /resource_metadata="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1] ?? ''
  const { resource, authorization_servers: issuers } = (await (await fetch(metadata)).json()) as Record<string, unknown>
  assert.deepEqual([resource, issuers], [url, [stack.issuer]])
})

test('Bob sees what he may use or can get, and never learns of the rest', async (t) => {
  const client = await clientOf(t, await tokenOf('bob', 'pet-profile:read'))
  const { tools } = await client.listTools()
  assert.deepEqual(tools.map(({ name }) => name).toSorted(), ['echo', 'get-sum', 'get-tiny-image'])
  await assert.rejects(client.callTool({ name: 'get-env', arguments: {} }), /Tool get-env not found/)
  await assert.rejects(client.callTool({ name: 'no-such-tool', arguments: {} }), /Tool no-such-tool not found/)
  assert.match(
    textOf(await client.callTool({ name: 'get-tiny-image', arguments: {} })),
    /needs the permission pet-profile:write/,
  )
})

test('Dana, whose role holds it, sees and calls what is hidden from Bob', async (t) => {
  const client = await clientOf(t, await tokenOf('dana', 'pet-profile:write'))
  const { tools } = await client.listTools()
  assert.ok(tools.some(({ name }) => name === 'get-env'))
  assert.match(textOf(await client.callTool({ name: 'get-env', arguments: {} })), /PATH/)
})

test('arguments that the rule or the server’s own schema does not allow are refused before the server is asked', async (t) => {
  const client = await clientOf(t, await tokenOf('bob', 'pet-profile:read'))
  const echo = async (args: Record<string, unknown>) => textOf(await client.callTool({ name: 'echo', arguments: args }))
  assert.match(await echo({ message: 'pets/fido' }), /Echo: pets\/fido/)
  for (const message of ['other', 'pets/../staff', `pets/${'x'.repeat(30)}`])
    assert.match(await echo({ message }), /Refused: only names under pets\/ can be echoed \(decision dec_/)
  assert.match(await echo({ message: 5 }), /Refused: the arguments are not valid/)
})

test('a call that needs more consent is answered with the scope to ask for, and works when the person has agreed', async (t) => {
  const challenged = await challengeFor('get-sum', await tokenOf('bob', 'pet-profile:read'))
  assert.equal(challenged.status, 403)
  const challenge = challenged.headers.get('www-authenticate') ?? ''
  assert.match(challenge, /error="insufficient_scope".*scope="reminders:write"/)
  const client = await clientOf(t, await tokenOf('bob', 'pet-profile:read reminders:write'))
  assert.match(textOf(await client.callTool({ name: 'get-sum', arguments: { a: 2, b: 3 } })), /sum of 2 and 3 is 5/)
})

test('nothing of all this was a fault', () => assert.deepEqual(errors, []))

test('the server knows of every call, who made it by which client, and why it was refused, and which tools there are', async () => {
  // What is still to be told is told before the gateway stops.
  await served.close()
  const operator = { store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now } as const
  const told = (await listDecisions(operator, { serverId: 'vetassist', most: 100 })).map(
    ({ subjectId, clientId, itemName, outcome, reasons }) =>
      [subjectId, clientId, itemName, outcome, ...reasons].join(' '),
  )
  for (const one of [
    'usr_bob vet-assist-ai echo allow allowed',
    'usr_bob vet-assist-ai echo refuse arguments_refused',
    'usr_bob vet-assist-ai echo refuse arguments_invalid',
    'usr_bob vet-assist-ai get-env never scope_missing not_entitled',
    'usr_bob vet-assist-ai get-sum challenge scope_missing',
    'usr_bob vet-assist-ai get-sum allow allowed',
    'usr_bob vet-assist-ai no-such-tool never rule_missing',
    'usr_dana vet-assist-ai get-env allow allowed',
  ])
    assert.ok(told.includes(one), `${one} is not among\n${told.join('\n')}`)
  const catalogue = await readCatalogue(operator, 'vetassist', 0)
  const published = catalogue?.entries.filter(({ name }) => Object.hasOwn(TOOLS, name)).map(({ name }) => name)
  assert.deepEqual(published?.toSorted(), Object.keys(TOOLS).toSorted())
})
