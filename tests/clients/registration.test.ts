// Clients that nobody registered, with the metadata that they really send, from the first 401 to a step-up.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
  UnauthorizedError as UnauthorizedV2,
} from '@modelcontextprotocol/client'
import { UnauthorizedError as UnauthorizedV1 } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Browser, signIn, startStack, type Stack } from '@permitry/testkit'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import { MemoryProvider } from './memory-provider.ts'

let stack: Stack
let clinic: VetAssist
before(async () => {
  stack = await startStack()
  clinic = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:' })
  stack.serveMcp((request) => clinic.fetch(request))
})
after(async () => {
  await clinic.close()
  await stack.close()
})

/** What they register, without redirect URIs and the scope, which the SDK adds from the challenge. */
const bodies = {
  // github.com/geelen/mcp-remote 0.1.38, src/lib/node-oauth-client-provider.ts
  'mcp-remote': {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_name: 'MCP CLI Client',
    client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
    software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
    software_version: '0.1.38',
  },
  // github.com/modelcontextprotocol/inspector, core/auth/providers.ts
  Inspector: {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    client_name: 'MCP Inspector',
    client_uri: 'https://github.com/modelcontextprotocol/inspector',
    scope: '',
    application_type: 'native',
  },
  // A host app that leaves everything to the SDK: it gets a secret, as RFC 7591 has it.
  'an app that says little': { client_name: 'Little' },
}

const redirectUrl = 'http://localhost:3334/oauth/callback'

/** Dana in a browser, who reads and allows; the answers arrive in turn. */
class Dana {
  readonly #browser = new Browser()
  #answer = new URLSearchParams()

  readonly open = async (url: URL): Promise<void> => {
    let page = await this.#browser.open(url.href)
    if (page.url.includes('/login?')) page = await signIn(this.#browser, page, 'dana')
    if (page.url.includes('/consent?')) page = await this.#browser.submit(page, { decision: 'allow' })
    this.#answer = new URL(page.url).searchParams
    assert.ok(page.url.startsWith(redirectUrl), page.text)
  }

  get answer(): URLSearchParams {
    return this.#answer
  }
}

const info = { name: 'dynamic', version: '1.0.0' }
const weigh = (petId: string) => ({ name: 'update_pet', arguments: { petId, weightKg: 31.5 } })

async function petOf(client: ClientV1 | ClientV2): Promise<string> {
  const { structuredContent } = await client.callTool({ name: 'list_pets', arguments: {} })
  return (structuredContent as { pets: { petId: string }[] }).pets[0]?.petId ?? ''
}

for (const [name, body] of Object.entries(bodies)) {
  const metadata = { ...body, redirect_uris: [redirectUrl] }

  test(`${name} on the SDK v2 registers itself, reads, and writes after a step-up`, async () => {
    const dana = new Dana()
    const provider = new MemoryProvider(redirectUrl, dana.open, metadata)
    const first = new TransportV2(new URL(stack.mcpUrl), { authProvider: provider })
    await assert.rejects(new ClientV2(info).connect(first), (error) => error instanceof UnauthorizedV2)
    await first.finishAuth(dana.answer)
    const transport = new TransportV2(new URL(stack.mcpUrl), { authProvider: provider })
    const client = new ClientV2(info)
    await client.connect(transport)
    const pet = await petOf(client)
    await assert.rejects(client.callTool(weigh(pet)), (error) => error instanceof UnauthorizedV2)
    await transport.finishAuth(dana.answer)
    assert.ok(!(await client.callTool(weigh(pet))).isError)
    await client.close()
  })

  test(`${name} on the SDK v1 registers itself and reads`, async () => {
    const dana = new Dana()
    const provider = new MemoryProvider(redirectUrl, dana.open, metadata)
    const first = new TransportV1(new URL(stack.mcpUrl), { authProvider: provider })
    await assert.rejects(new ClientV1(info).connect(first), (error) => error instanceof UnauthorizedV1)
    await first.finishAuth(dana.answer.get('code') ?? '')
    // A step-up of this SDK refreshes instead of asking, as long as it holds a refresh token, and so comes to nothing.
    const client = new ClientV1(info)
    await client.connect(new TransportV1(new URL(stack.mcpUrl), { authProvider: provider }))
    assert.notEqual(await petOf(client), '')
    await client.close()
  })
}

test('clients with the same metadata are one client, and the one with a secret is its own', async () => {
  const rows = await stack.store.read((db) =>
    db
      .selectFrom('clients')
      .select(['name', 'auth_method'])
      .where('registration', '=', 'dcr')
      .orderBy('name')
      .execute(),
  )
  assert.deepEqual(
    rows.map(({ name, auth_method }) => `${name}: ${auth_method}`),
    ['Little: client_secret_basic', 'Little: client_secret_basic', 'MCP CLI Client: none', 'MCP Inspector: none'],
  )
})
