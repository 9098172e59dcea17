// `npm start` as a person types it, on other ports and with its data in a temporary folder.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { authorize, requestToken } from '@permitry/testkit'

const repository = join(import.meta.dirname, '../..')

/** Ports that were free a moment ago; they are held together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server: Server) => once(server.close(), 'close')))
  return ports
}

type Run = {
  child: ChildProcess
  output: () => string
  seen: (text: string) => Promise<void>
  exit: Promise<number | null>
}

/** The script of package.json by its name, in an npm-like environment with other ports and data. */
function run(script: 'start' | 'reset', variables: Record<string, string>): Run {
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: repository,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const seen = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.includes(text) && resolve()
      listeners.add(look)
      look()
      void exit.then((code) => reject(new Error(`\`${text}\` was not printed before exit ${code}:\n${output}`)))
    })
  return { child, output: () => output, seen, exit }
}

describe('npm start', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'permitry-start-'))
  let variables: Record<string, string>
  let issuer: string
  let mcpUrl: string
  let appUrl: string
  let started: Run

  before(async () => {
    const [server = 0, mcp = 0, app = 0] = await freePorts(3)
    variables = {
      PERMITRY_PORT: String(server),
      VETASSIST_MCP_PORT: String(mcp),
      VETASSIST_APP_PORT: String(app),
      PERMITRY_DATA_DIR: folder,
    }
    issuer = `http://localhost:${server}`
    mcpUrl = `http://localhost:${mcp}/mcp`
    appUrl = `http://localhost:${app}`
    started = run('start', variables)
    await started.seen('are running')
  })

  after(async () => {
    started.child.kill('SIGTERM')
    await started.exit
    rmSync(folder, { recursive: true, force: true })
  })

  it('prints the addresses, people and passwords of the example', () => {
    for (const text of [issuer, mcpUrl, appUrl, 'bob', 'bob-vet-demo', 'dana', 'dana-vet-demo', 'vet-assist-dev']) {
      assert.ok(started.output().includes(text), `${text} in:\n${started.output()}`)
    }
  })

  it('serves the whole chain: Bob signs in with the printed password and sees his pets', async () => {
    const redirectUri = 'http://127.0.0.1:1234/callback'
    const { params, verifier } = await authorize(
      issuer,
      { clientId: 'vet-assist-dev', redirectUri, resource: mcpUrl },
      'bob',
    )
    const { body } = await requestToken(issuer, {
      grant_type: 'authorization_code',
      client_id: 'vet-assist-dev',
      code: params.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      resource: mcpUrl,
    })
    const response = await callTool(mcpUrl, String(body['access_token']), 'list_pets')
    assert.equal(response.status, 200)
    const text = await response.text()
    assert.ok(text.includes('Fido') && text.includes('Bella') && !text.includes('Misty'), text)
  })

  it('serves the app: its page, and the way to sign in', async () => {
    const page = await (await fetch(appUrl)).text()
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? assert.fail(page)
    assert.equal((await fetch(`${appUrl}${script}`)).status, 200)
    const begun = await fetch(`${appUrl}/api/sign-in`, {
      method: 'POST',
      headers: { origin: appUrl, 'x-vet-assist': '1', 'content-type': 'application/json' },
      body: '{}',
    })
    const { location } = (await begun.json()) as { location: string }
    assert.ok(location.startsWith(`${issuer}/authorize?`), location)
    assert.equal((await fetch(location, { redirect: 'manual' })).status, 303)
  })

  it('refuses a call without a token, as the README shows', async () => {
    const response = await fetch(mcpUrl, { method: 'POST', body: '{}' })
    assert.equal(response.status, 401)
    const metadata = `${new URL(mcpUrl).origin}/.well-known/oauth-protected-resource/mcp`
    assert.equal(
      response.headers.get('www-authenticate'),
      `Bearer scope="pet-profile:read", resource_metadata="${metadata}", DPoP algs="ES256 ES384 ES512 EdDSA Ed25519 RS256 PS256"`,
    )
  })

  for (const name of ['PERMITRY_PORT', 'VETASSIST_MCP_PORT', 'VETASSIST_APP_PORT']) {
    it(`a second start names the variable of a busy port: ${name}`, async () => {
      const [server = 0, mcp = 0, app = 0] = await freePorts(3)
      const other = mkdtempSync(join(tmpdir(), 'permitry-start-'))
      const free = {
        ...variables,
        PERMITRY_PORT: String(server),
        VETASSIST_MCP_PORT: String(mcp),
        VETASSIST_APP_PORT: String(app),
        PERMITRY_DATA_DIR: other,
      }
      const second = run('start', { ...free, [name]: variables[name] ?? '' })
      assert.notEqual(await second.exit, 0)
      assert.match(second.output(), new RegExp(`busy|in use`))
      assert.ok(second.output().includes(name), second.output())
      assert.ok(!second.output().includes('are running'))
      rmSync(other, { recursive: true })
    })
  }

  it('a second start says in one sentence that the example seems to run, and touches nothing', async () => {
    const second = run('start', variables)
    assert.equal(await second.exit, 1)
    const [line = '', ...rest] = second.output().trim().split('\n')
    assert.match(line, /seems to run already/)
    assert.ok(line.includes(appUrl), line)
    assert.deepEqual(rest, [])
  })

  it('a port that is none is told in one sentence, by start and by reset', async () => {
    const scripts = ['start', 'reset'] as const
    for (const wrong of scripts.map((script) => run(script, { ...variables, VETASSIST_APP_PORT: 'ninety' }))) {
      assert.equal(await wrong.exit, 1)
      assert.equal(wrong.output().trim(), 'VETASSIST_APP_PORT must be a port, not `ninety`')
    }
  })

  it('keeps its databases from everybody else on the machine', () => {
    const files = readdirSync(folder).filter((name) => name.includes('.db'))
    assert.ok(files.filter((name) => name.endsWith('.db')).length >= 4, files.join())
    for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  })

  it('the guard has a credential of its own: what is taken away is refused at once, and the file is for its owner only', async () => {
    const file = join(folder, 'vetassist.credential.json')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const redirectUri = 'http://127.0.0.1:1234/callback'
    const asked = { clientId: 'vet-assist-dev', redirectUri, resource: mcpUrl }
    const { params, verifier } = await authorize(issuer, asked, 'carol')
    const { body } = await requestToken(issuer, {
      grant_type: 'authorization_code',
      client_id: 'vet-assist-dev',
      code: params.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })
    const token = String(body['access_token'])
    assert.equal((await callTool(mcpUrl, token, 'list_pets')).status, 200)
    const revocation = new URLSearchParams({ token, client_id: 'vet-assist-dev' })
    assert.equal((await fetch(`${issuer}/revoke`, { method: 'POST', body: revocation })).status, 200)
    const revokedAt = Date.now()
    while ((await callTool(mcpUrl, token, 'list_pets')).status !== 401)
      assert.ok(Date.now() - revokedAt < 4_000, 'the token is still good')
  })

  it('reset refuses while it runs', async () => {
    const reset = run('reset', variables)
    assert.equal(await reset.exit, 1)
    assert.match(reset.output(), /end `npm start` first/)
  })

  it('ends everything when it is asked to, and reset then removes what was stored', async () => {
    started.child.kill('SIGTERM')
    await started.exit
    await assert.rejects(fetch(`${issuer}/.well-known/oauth-authorization-server`))
    await assert.rejects(fetch(mcpUrl))
    await assert.rejects(fetch(appUrl))
    const reset = run('reset', variables)
    assert.equal(await reset.exit, 0, reset.output())
    assert.deepEqual(readdirSync(folder), [])
  })
})

/** One tool call of the 2026-07-28 protocol, without a client library. */
function callTool(url: string, token: string, name: string): Promise<Response> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'start-test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta: meta } }),
  })
}
