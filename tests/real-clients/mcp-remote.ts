// mcp-remote, the bridge between hosts that know programs only and MCP servers with a URL: nobody registered it.
import assert from 'node:assert/strict'
import { findPackageJSON } from 'node:module'
import { after, before, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { startWorld, type World } from '../compatibility/world.ts'
import { makeHome, programOf } from './start-client.ts'

const bridge = programOf(findPackageJSON('mcp-remote', import.meta.url), 'dist/proxy.js')

let world: World
before(async () => (world = await startWorld()))
after(() => world[Symbol.asyncDispose]())

test(
  'a host behind mcp-remote lists the pets of Bob, who signs in once for two starts',
  { timeout: 60_000 },
  async () => {
    await using home = await makeHome()
    for (const _start of ['first', 'second']) {
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [bridge, world.stack.mcpUrl, '--allow-http'],
        env: { ...home.env },
        stderr: 'pipe',
      })
      const host = new Client({ name: 'host', version: '1.0.0' })
      await host.connect(transport)
      const { structuredContent } = await host.callTool({ name: 'list_pets', arguments: {} })
      assert.match(JSON.stringify(structuredContent), /Fido/)
      await host.close()
    }
    const answered = await world.stack.store.read((db) =>
      db.selectFrom('families').select('client_id').where('subject_id', '=', 'usr_bob').execute(),
    )
    assert.equal(answered.length, 1)
  },
)
