// Tokens that are bound to a key, through the adapters for node:http and Express behind a proxy that takes a prefix off. The
// client, its key and its proofs are those of oauth4webapi, also under the client of the MCP SDK.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { decided, guard, type DpopOptions, type Protect } from '@permitry/guard'
import { guardMiddleware } from '@permitry/guard/express'
import { guardListener, type GuardedRequest } from '@permitry/guard/node'
import { authorize, listen, type Listening, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import express from 'express'
import * as oauth from 'oauth4webapi'
import { legacy } from '../conformance/mcp-client.ts'
import { CALLBACK, READ } from '../security/world.ts'

const CLIENT: oauth.Client = { client_id: 'vet-assist-dev' }
const PREFIX = '/clinic'
/** Loopback without TLS; the library refuses it unless told. */
const insecure = { [oauth.allowInsecureRequests]: true }

let proxy: Listening
let stack: Stack
let resource: URL
/** Where the proxy leads to. */
let behind = ''
const servers: Server[] = []
before(async () => {
  proxy = await listen()
  resource = new URL(`${proxy.origin}${PREFIX}/mcp`)
  stack = await startStack({
    change: (config) => ({
      ...config,
      servers: config.servers.map((one) => (one.identifier === VET_ASSIST ? { ...one, urls: [resource.href] } : one)),
    }),
  })
  proxy.serve(async (request) => {
    const { pathname } = new URL(request.url)
    // Whatever the first segment is: a proxy that leads two prefixes to one server is a mistake that happens.
    const inner = new URL(pathname.replace(/^\/[^/]+/, ''), behind)
    const headers = new Headers(request.headers)
    headers.delete('connection')
    const body = request.method === 'POST' ? await request.text() : null
    return fetch(inner, { method: request.method, headers, body })
  })
})
after(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await proxy.close()
  await stack.close()
})

/** A server of the SDK's first generation, one transport for each request. */
async function handle(req: GuardedRequest, res: ServerResponse): Promise<void> {
  const server = new McpServer({ name: 'clinic', version: '1' })
  server.registerTool('whoami', {}, ({ authInfo }) => ({
    content: [{ type: 'text', text: JSON.stringify(decided(authInfo).principal.cnf) }],
  }))
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport as Parameters<McpServer['connect']>[0])
  await transport.handleRequest(req as Parameters<typeof transport.handleRequest>[0], res, req.body)
}

const adapters: Readonly<Record<string, (protect: Protect) => RequestListener>> = {
  'node:http': (protect) => guardListener(protect, handle),
  Express: (protect) => express().use(guardMiddleware(protect)).all('/mcp', handle),
}

/** Starts a process of the MCP server and leads the proxy to it. */
async function serve(listener: (protect: Protect) => RequestListener, dpop: DpopOptions): Promise<string> {
  const protect = guard({
    issuer: stack.issuer,
    resource: resource.href,
    names: [VET_ASSIST],
    defaultScopes: [READ],
    tools: { whoami: READ },
    dpop,
  })
  const server = createServer(listener(protect))
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  behind = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return behind
}

interface Holder {
  readonly token: string
  readonly DPoP: oauth.DPoPHandle
}

/** Signs Bob in with a fresh key. */
async function holder(): Promise<Holder> {
  const DPoP = oauth.DPoP(CLIENT, await oauth.generateKeyPair('ES256'))
  const discovery = await oauth.discoveryRequest(new URL(stack.issuer), { ...insecure, algorithm: 'oauth2' })
  const server = await oauth.processDiscoveryResponse(new URL(stack.issuer), discovery)
  const request = { clientId: CLIENT.client_id, redirectUri: CALLBACK, scope: READ, resource: resource.href }
  const { params, verifier } = await authorize(stack.issuer, request, 'bob')
  const checked = oauth.validateAuthResponse(server, CLIENT, params, params.get('state') ?? '')
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    CLIENT,
    oauth.None(),
    checked,
    CALLBACK,
    verifier,
    { ...insecure, DPoP },
  )
  const { access_token } = await oauth.processAuthorizationCodeResponse(server, CLIENT, response)
  return { token: access_token, DPoP }
}

const { headers, body } = legacy('tools/call', { name: 'whoami', arguments: {} })

interface Call {
  readonly to?: URL
  /** Told of the headers that the library sends. */
  readonly seen?: (sent: Headers) => void
}

/** Calls the tool as the library calls any protected resource; without a handle the token goes as a bearer token. */
function call(token: string, DPoP: oauth.DPoPHandle | undefined, { to = resource, seen }: Call = {}) {
  return oauth.protectedResourceRequest(token, 'POST', to, new Headers(headers), JSON.stringify(body), {
    ...insecure,
    ...(DPoP && { DPoP }),
    [oauth.customFetch]: (url, options) => {
      seen?.(new Headers(options.headers))
      return fetch(url, options as RequestInit)
    },
  })
}

/** The error of the first challenge that the library read in the answer. */
async function refusal(answer: Promise<Response>): Promise<[scheme: string, error: string | undefined]> {
  const error: unknown = await answer.then(
    ({ status }) => assert.fail(`was answered ${status}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, String(error))
  assert.equal(error.status, 401)
  const [challenge] = error.cause
  return [challenge?.scheme ?? '', challenge?.parameters.error]
}

const BAD_PROOF = ['dpop', 'invalid_dpop_proof']

for (const [name, listener] of Object.entries(adapters)) {
  describe(name, () => {
    test('a proof for the public address opens the tool, which learns the key', async () => {
      await serve(listener, {})
      const { token, DPoP } = await holder()
      const response = await call(token, DPoP)
      assert.equal(response.status, 200)
      assert.ok((await response.text()).includes(await DPoP.calculateThumbprint()))
    })

    test('a proof for the address behind the proxy, or for another prefix that leads there, is refused', async () => {
      const inner = await serve(listener, {})
      const { token, DPoP } = await holder()
      for (const to of [`${inner}/mcp`, `${proxy.origin}/kennel/mcp`, `${resource.href}/`]) {
        assert.deepEqual(await refusal(call(token, DPoP, { to: new URL(to) })), BAD_PROOF, to)
      }
      const query = await call(token, DPoP, { to: new URL(`${resource.href}?visit=1`) })
      assert.equal(query.status, 200, 'a query is no part of the address')
    })

    test('a proof counts once, also when it is shown to another process that stands behind the same address', async () => {
      const spent = new Set<string>()
      const replays: DpopOptions['replays'] = {
        spend: ({ jkt, jti }) => !spent.has(`${jkt} ${jti}`) && spent.add(`${jkt} ${jti}`).size > 0,
      }
      const { token, DPoP } = await holder()
      const first = await serve(listener, { replays })
      const proofs: string[] = []
      await call(token, DPoP, { seen: (sent) => proofs.push(sent.get('dpop') ?? '') })
      await serve(listener, { replays })
      for (const process of [first, behind]) {
        behind = process
        const again = { ...headers, authorization: `DPoP ${token}`, dpop: proofs[0] ?? '' }
        const response = await fetch(resource, { method: 'POST', headers: again, body: JSON.stringify(body) })
        assert.equal(response.status, 401)
        assert.match(response.headers.get('www-authenticate') ?? '', /^DPoP .*error="invalid_dpop_proof"/)
      }
    })

    test('the proof of another key does not open a stolen token', async () => {
      await serve(listener, {})
      const [bob, thief] = [await holder(), await holder()]
      assert.deepEqual(await refusal(call(bob.token, thief.DPoP)), BAD_PROOF)
    })

    test('a nonce is asked for once, and is good at each process with the same key', async () => {
      const nonceKey = randomBytes(32)
      await serve(listener, { nonceKey })
      const { token, DPoP } = await holder()
      const error: unknown = await call(token, DPoP).catch((thrown: unknown) => thrown)
      assert.ok(oauth.isDPoPNonceError(error), 'the library knows what is asked for')
      assert.equal((await call(token, DPoP)).status, 200)
      await serve(listener, { nonceKey })
      assert.equal((await call(token, DPoP)).status, 200)
      await serve(listener, { nonceKey: randomBytes(32) })
      assert.ok(oauth.isDPoPNonceError(await call(token, DPoP).catch((thrown: unknown) => thrown)), 'of somebody else')
    })

    test('a bound token is no bearer token, with a proof beside it or without', async () => {
      await serve(listener, {})
      const { token, DPoP } = await holder()
      assert.deepEqual(await refusal(call(token, undefined)), ['bearer', 'invalid_token'])
      let proof = ''
      const unsent = call(token, DPoP, {
        seen(sent) {
          proof = sent.get('dpop') ?? ''
          throw new Error('not sent')
        },
      })
      await assert.rejects(unsent, /not sent/)
      const downgraded = { ...headers, authorization: `Bearer ${token}`, dpop: proof }
      const response = await fetch(resource, { method: 'POST', headers: downgraded, body: JSON.stringify(body) })
      assert.equal(response.status, 401)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer .*error="invalid_token"/)
    })

    test('the client of the MCP SDK works with a bound token when its requests carry the proofs', async () => {
      await serve(listener, { required: true, nonceKey: randomBytes(32) })
      const { token, DPoP } = await holder()
      let nonces = 0
      const send = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
        const request = (): Promise<Response> =>
          oauth.protectedResourceRequest(
            token,
            init.method ?? 'GET',
            new URL(url),
            new Headers(init.headers),
            (init.body ?? null) as string | null,
            { ...insecure, DPoP },
          )
        try {
          return await request()
        } catch (error) {
          if (!oauth.isDPoPNonceError(error)) throw error
          nonces++
          return request()
        }
      }
      const client = new Client({ name: 'test', version: '1' })
      await client.connect(new StreamableHTTPClientTransport(resource, { fetch: send }))
      assert.deepEqual(
        (await client.listTools()).tools.map((tool) => tool.name),
        ['whoami'],
      )
      const { content } = await client.callTool({ name: 'whoami' })
      assert.ok(JSON.stringify(content).includes(await DPoP.calculateThumbprint()))
      assert.equal(nonces, 1)
      await client.close()
    })
  })
}
