import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { CONFIG, makeFolder, ok, permitry } from './testing.ts'

/** An MCP server of the revision 2025-06-18 with these tools, as few lines as make one. */
async function mcpServer(t: TestContext, tools: readonly object[]): Promise<string> {
  const answer: RequestListener = (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    void json(request).then((message) => {
      const { id, method } = message as { id?: number; method: string }
      const results: Record<string, unknown> = {
        initialize: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {}, prompts: {}, resources: {} },
          serverInfo: { name: 'v', version: '1' },
        },
        'tools/list': { tools: tools.map((tool) => ({ inputSchema: { type: 'object' }, ...tool })) },
      }
      results['prompts/list'] = { prompts: [{ name: 'groom', title: 'How to groom' }] }
      results['resources/list'] = { resources: [{ uri: 'pet://hours', name: 'hours', title: 'Opening hours' }] }
      results['resources/templates/list'] = { resourceTemplates: [{ uriTemplate: 'pet://{petId}', name: 'pet' }] }
      if (id === undefined) return response.writeHead(202).end()
      const result = results[method]
      response.setHeader('content-type', 'application/json')
      return response.end(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          ...(result ? { result } : { error: { code: -32601, message: 'no such method' } }),
        }),
      )
    })
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => (server.close(), server.closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

test('the tools, prompts and resources of a server are imported by connecting, and apply has nothing to do afterwards', async (t) => {
  const url = await mcpServer(t, [
    { name: 'list_pets', title: 'Their title' },
    { name: 'groom', title: 'Groom a pet', annotations: { destructiveHint: true } },
  ])
  const declared = `    name: VetAssist\n    urls: ['${url}']\n    tools: [{ name: list_pets, title: Our title, scopes: [read] }]\n`
  const folder = await makeFolder(t, CONFIG.replace('    name: VetAssist\n', declared))
  await ok(folder, ['apply', '--yes'])
  assert.match(await ok(folder, ['server', 'import', 'vetassist']), /^2 tools found: `permitry server tools/)
  assert.match(await ok(folder, ['server', 'import', 'vetassist']), /nothing is new/)
  const shown = await ok(folder, ['server', 'tools', 'vetassist'])
  assert.match(shown, /tool +groom +Groom a pet +not said yet/)
  assert.match(shown, /prompt +groom +How to groom +not said yet/)
  assert.match(shown, /resource +pet:\/\/hours +Opening hours +not said yet/)
  assert.match(shown, /resource +pet:\/\/\{petId\}/)
  assert.match(shown, /tool +list_pets +Our title +read/)
  assert.match(await ok(folder, ['server', 'tools', 'vetassist', '--since', '1']), /2 +import +tool +groom +added/)
  assert.match(await ok(folder, ['apply', '--yes']), /nothing|no change/i)
})

test('a server that cannot be read, and a decision that nobody reported, are one sentence', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  assert.match((await permitry(folder, ['server', 'import', 'vetassist'])).stderr, /has no web address to connect to/)
  assert.match((await permitry(folder, ['server', 'import', 'nobody'])).stderr, /there is no server `nobody`/)
  assert.match(
    (await permitry(folder, ['decision', 'show', 'dec_nothing'])).stderr,
    /no decision `dec_nothing` was reported/,
  )
  assert.match(await ok(folder, ['decision', 'list', '--user', 'bob', '--refused']), /^TIME/)
})
