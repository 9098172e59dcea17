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
import { launchChromium, startStack, type Stack } from '@permitry/testkit'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import type { Browser as Chromium } from 'playwright-core'
import { answerInChromium, type Callback, listenForCallback } from './person.ts'
import { MemoryProvider } from './memory-provider.ts'

let stack: Stack
let clinic: VetAssist
let chromium: Chromium
let callback: Callback
before(async () => {
  stack = await startStack()
  clinic = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:' })
  stack.serveMcp((request) => clinic.fetch(request))
  chromium = await launchChromium()
})
after(async () => {
  await chromium.close()
  await clinic.close()
  await stack.close()
})

const url = () => new URL(stack.mcpUrl)
const info = { name: 'sdk-client', version: '1.0.0' }

for (const mode of ['auto', 'legacy'] as const) {
  test(`the SDK v2 client (${mode}) reaches the tools through discovery, with login and consent in Chromium`, async () => {
    callback = await listenForCallback()
    const provider = new MemoryProvider(callback.redirectUrl, (to) => answerInChromium(chromium, to, 'bob'))
    const first = new TransportV2(url(), { authProvider: provider })
    const connect = async (transport: TransportV2): Promise<ClientV2> => {
      const client = new ClientV2(info, { versionNegotiation: { mode } })
      await client.connect(transport)
      return client
    }
    await assert.rejects(connect(first), (error) => error instanceof UnauthorizedV2)
    await first.finishAuth(await callback.received)
    const client = await connect(new TransportV2(url(), { authProvider: provider }))
    await expectPetsOfBob(client)
    callback.close()
  })
}

test('the SDK v1 client reaches the tools through discovery, with login and consent in Chromium', async () => {
  callback = await listenForCallback()
  const provider = new MemoryProvider(callback.redirectUrl, (to) => answerInChromium(chromium, to, 'bob'))
  const first = new TransportV1(url(), { authProvider: provider })
  await assert.rejects(new ClientV1(info).connect(first), (error) => error instanceof UnauthorizedV1)
  await first.finishAuth((await callback.received).get('code') ?? '')
  const client = new ClientV1(info)
  await client.connect(new TransportV1(url(), { authProvider: provider }))
  await expectPetsOfBob(client)
  callback.close()
})

async function expectPetsOfBob(client: ClientV1 | ClientV2): Promise<void> {
  const { tools } = await client.listTools()
  assert.ok(tools.some(({ name }) => name === 'list_pets'))
  const result = await client.callTool({ name: 'list_pets', arguments: {} })
  const { pets } = result.structuredContent as { pets: { name: string }[] }
  assert.deepEqual(pets.map(({ name }) => name).sort(), ['Bella', 'Fido'])
  await client.close()
}
