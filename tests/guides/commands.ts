// The guides as their readers follow them: their files as they stand, and every command that they tell to type.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serve } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { authorize, passwordOf, requestToken } from '@permitry/testkit'
import { start, run, waitForLine, type Finished } from '../pack/processes.ts'
import { snippetsOf } from '../pack/readme.ts'

const ROOT = join(import.meta.dirname, '../..')
const PERMITRY = ['--conditions=@permitry/source', join(ROOT, 'packages/cli/src/main.ts')]
const page = (name: string): string => readFileSync(join(ROOT, 'docs/guides', name), 'utf8')

/** The `permitry` commands after a `$` in a guide, as arguments. */
function commandsOf(guide: string): string[][] {
  const lines = snippetsOf(guide).flatMap(({ language, code }) => (language === 'console' ? code.split('\n') : []))
  return lines.filter((line) => line.startsWith('$ permitry ')).map((line) => line.split(' ').slice(2))
}

test('every command of the guides on revocation and keys does what it says, in their order', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-guides-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const configuration = readFileSync(join(ROOT, 'docs/guides/nginx/permitry.yaml'), 'utf8')
  writeFileSync(join(folder, 'permitry.yaml'), configuration.replace('https://auth.example.com', issuer))
  const where = { cwd: folder, env: { BOB_PASSWORD: passwordOf('bob') } }
  const permitry = (...args: string[]): Promise<Finished> => run([...PERMITRY, ...args], where)
  const server = start([...PERMITRY, 'serve', '--apply'], where)
  const closed = once(server, 'close')
  await waitForLine(server, /"msg":"ready"/)
  try {
    for (const guide of ['revoke.md', 'rotate-keys.md']) {
      const commands = commandsOf(page(guide))
      assert.ok(commands.length >= 5, `${guide} shows ${commands.length} commands`)
      for (const command of commands) {
        const ids: Record<string, string> = { '<grant>': '', '<key>': '' }
        if (command.includes('<grant>')) ids['<grant>'] = await grantOfBob(issuer, permitry)
        if (command.includes('<key>')) ids['<key>'] = firstId((await permitry('keys', 'list')).out)
        const { code, out, err } = await permitry(...command.map((part) => ids[part] ?? part))
        assert.equal(code, 0, `permitry ${command.join(' ')}: ${err}${out}`)
      }
    }
  } finally {
    server.kill('SIGTERM')
    await closed
  }
})

test('a server that is not ours stands behind the gateway with the files of the guide, and a caller is sent where it says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-guides-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [issuerPort, gatewayPort, upstreamPort] = [await freePort(), await freePort(), await freePort()]
  const moved = (text: string): string =>
    text
      .replaceAll('9400', String(issuerPort))
      .replaceAll('9403', String(gatewayPort))
      .replaceAll('8000', String(upstreamPort))
  const guide = page('protect-a-server.md')
  const files = snippetsOf(guide).filter(({ fileName }) => fileName?.endsWith('.yaml'))
  assert.deepEqual(
    files.map(({ fileName }) => fileName),
    ['rules.yaml', 'permitry.yaml'],
  )
  for (const { fileName = '', code } of files) writeFileSync(join(folder, fileName), moved(code))

  const upstream = serve({ fetch: (request) => documents.fetch(request), port: upstreamPort, hostname: '127.0.0.1' })
  const where = {
    cwd: folder,
    env: { ADA_PASSWORD: 'choose your own words', PERMITRY_GATEWAY_PORT: String(gatewayPort) },
  }
  const server = start([...PERMITRY, 'serve', '--apply'], where)
  const gateway = start([...PERMITRY, 'protect', '--config', 'rules.yaml'], where)
  const closed = Promise.all([once(server, 'close'), once(gateway, 'close')])
  try {
    await Promise.all([waitForLine(server, /"msg":"ready"/), waitForLine(gateway, /"msg":"ready"/)])
    const refused = await fetch(`http://localhost:${gatewayPort}/mcp`, { method: 'POST', body: '{}' })
    const promised = /^401 (Bearer .*)$/m.exec(guide)?.[1] ?? ''
    assert.equal(refused.status, 401)
    assert.equal(refused.headers.get('www-authenticate'), moved(promised))
  } finally {
    server.kill('SIGTERM')
    gateway.kill('SIGTERM')
    await closed
    upstream.close()
  }
})

/** Stands for the Python server of the guide. */
const documents = createMcpHandler(() => {
  const server = new McpServer({ name: 'docs', version: '1.0.0' })
  server.registerTool('search', {}, () => ({ content: [{ type: 'text', text: 'nothing' }] }))
  return server
})

async function grantOfBob(issuer: string, permitry: (...args: string[]) => Promise<Finished>): Promise<string> {
  const [clientId, redirectUri, resource] = ['notes-app', 'http://127.0.0.1:1/callback', 'https://mcp.example.com/mcp']
  const { params, verifier } = await authorize(issuer, { clientId, redirectUri, resource }, 'bob')
  const code = params.get('code') ?? ''
  const form = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: redirectUri, code, resource }
  await requestToken(issuer, { ...form, code_verifier: verifier })
  return firstId((await permitry('grant', 'list')).out)
}

/** The id in the first row of a table. */
const firstId = (table: string): string => table.split('\n')[1]?.split(/\s+/)[0] ?? ''

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
