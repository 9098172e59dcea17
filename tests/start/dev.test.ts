// `permitry dev` as somebody meets it who has an MCP server and nothing else: run it, paste what it prints, sign in, call.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { guard } from '@permitry/guard'
import { Browser, listen } from '@permitry/testkit'
import { MemoryProvider } from '../clients/memory-provider.ts'

const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const REDIRECT = 'http://127.0.0.1:7777/callback'

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'vet', version: '1.0.0' })
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })
  server.registerTool('list_pets', { annotations: { readOnlyHint: true } }, () => text('Fido'))
  server.registerTool('update_pet', {}, () => text('changed'))
  return server
})

async function startDev(t: TestContext, url: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-start-'))
  const environment = { PATH: '', PERMITRY_PORT: '0' }
  const child = spawn(process.execPath, ['--conditions=@permitry/source', MAIN, 'dev', '--server', url], {
    cwd: folder,
    env: environment,
  })
  t.after(async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'close')
    await rm(folder, { recursive: true })
  })
  let printed = ''
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    printed += chunk
    if (printed.includes('MCP Inspector\n')) return printed
  }
  throw new Error(`dev ended early: ${printed}`)
}

test('what dev prints protects a server, lets its person in, and asks for more when a call needs it', async (t) => {
  await using mcp = await listen('localhost')
  const url = `${mcp.origin}/mcp`
  mcp.serve((request) => handler.fetch(request))
  const printed = await startDev(t, url)

  const options = /guard\((\{.*?\n\})\)/s.exec(printed)?.[1]
  assert.ok(options, printed)
  // oxlint-disable-next-line no-implied-eval -- what a person pastes is code, so it is run as code
  const protect = guard((new Function(`return ${options}`) as () => Parameters<typeof guard>[0])())
  mcp.serve((request) => protect(handler)(request))

  const password = / with the password (\S+) /.exec(printed)?.[1] ?? ''
  const browser = new Browser()
  let code = new URLSearchParams()
  const provider = new MemoryProvider(
    REDIRECT,
    async (to) => {
      let page = await browser.open(to.href)
      if (page.url.includes('/login?')) page = await browser.submit(page, { username: 'tester', password })
      if (page.url.includes('/consent?')) page = await browser.submit(page, { decision: 'allow' })
      assert.ok(page.url.startsWith(REDIRECT), `${page.url}: ${page.text}`)
      code = new URL(page.url).searchParams
    },
    { client_name: 'A client', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' },
  )
  const connect = async (transport: StreamableHTTPClientTransport): Promise<Client> => {
    const client = new Client({ name: 'a-client', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(transport)
    return client
  }
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: provider })
  const first = transport()
  await assert.rejects(connect(first), UnauthorizedError)
  await first.finishAuth(code)
  const again = transport()
  const client = await connect(again)
  const { tools } = await client.listTools()
  assert.deepEqual(tools.map(({ name }) => name).sort(), ['list_pets', 'update_pet'])
  assert.deepEqual((await client.callTool({ name: 'list_pets' })).content, [{ type: 'text', text: 'Fido' }])

  await assert.rejects(client.callTool({ name: 'update_pet' }), UnauthorizedError)
  await again.finishAuth(code)
  assert.deepEqual((await client.callTool({ name: 'update_pet' })).content, [{ type: 'text', text: 'changed' }])
  await client.close()
})
