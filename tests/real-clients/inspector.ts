// The inspector of the MCP project on the command line: nobody registered it, and it calls a tool in both eras.
import assert from 'node:assert/strict'
import { findPackageJSON } from 'node:module'
import { after, before, test } from 'node:test'
import { startTlsHost, TEST_CA } from '@permitry/server/testing'
import { startWorld, type World } from '../compatibility/world.ts'
import { freePort, makeHome, programOf, run } from './start-client.ts'

const manifest = findPackageJSON('@modelcontextprotocol/inspector', import.meta.url)
const inspector = programOf(manifest, 'clients/launcher/build/index.js')

let world: World
before(async () => (world = await startWorld({ extraCaCertificates: [TEST_CA] })))
after(() => world[Symbol.asyncDispose]())

for (const era of ['legacy', 'modern'] as const) {
  test(
    `MCP Inspector (${era}) registers itself, signs Bob in and lists his pets`,
    { timeout: 60_000 },
    async ({ signal }) => {
      const { code, out, err } = await inspect(['--method', 'tools/call', '--tool-name', 'list_pets'], era, signal)
      assert.equal(code, 0, err)
      assert.match(out, /Fido/)
      const [registered] = await registeredClients()
      assert.match(err + out, new RegExp(`client_id=${registered}`))
    },
  )
}

test(
  'MCP Inspector that is known by a document at an https host on this machine lists the pets of Bob',
  { timeout: 60_000 },
  async ({ signal }) => {
    await using host = await startTlsHost((_, response) => {
      const document = {
        client_id: `${host.origin}/inspector.json`,
        client_name: 'MCP Inspector',
        redirect_uris: ['http://127.0.0.1/oauth/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    })
    const url = `${host.origin}/inspector.json`
    const call = ['--method', 'tools/call', '--tool-name', 'list_pets', '--client-metadata-url', url]
    const { code, out, err } = await inspect(call, 'modern', signal)
    assert.equal(code, 0, err)
    assert.match(out, /Fido/)
    assert.ok((err + out).includes(`client_id=${encodeURIComponent(url)}`), err)
  },
)

test(
  'MCP Inspector says that it must sign in where it may not open a browser',
  { timeout: 60_000 },
  async ({ signal }) => {
    const { code, out, err } = await inspect(['--method', 'tools/list', '--stored-auth-only'], 'legacy', signal)
    assert.equal(code, 3, err)
    assert.match(out + err, /auth_required/)
  },
)

async function inspect(args: readonly string[], era: string, signal: AbortSignal) {
  await using home = await makeHome()
  const env = { ...home.env, MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' }
  const callback = ['--callback-url', `http://127.0.0.1:${await freePort()}/oauth/callback`]
  const target = ['--cli', world.stack.mcpUrl, '--transport', 'http', '--format', 'json', '--protocol-era', era]
  return await run(inspector, [...target, ...callback, ...args], env, signal)
}

/** Newest first. */
async function registeredClients(): Promise<string[]> {
  const rows = await world.stack.store.read((db) =>
    db.selectFrom('clients').select('id').where('registration', '=', 'dcr').orderBy('created_at', 'desc').execute(),
  )
  return rows.map(({ id }) => id)
}
