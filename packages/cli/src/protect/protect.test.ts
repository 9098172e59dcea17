import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeFolder, permitry, protect } from '../testing.ts'

const RULES = `version: 1
issuer: http://localhost:9400
upstreams:
  - id: docs
    resource: http://localhost:9403/mcp
    default_scopes: [docs:read]
    tools:
      search: { scopes: [docs:read] }
`

async function folderWith(t: TestContext, rules: string): Promise<string> {
  const folder = await makeFolder(t)
  await writeFile(join(folder, 'rules.yaml'), rules)
  return folder
}

test('protect runs the gateway, logs each thing on a line, and ends when it is asked to', async (t) => {
  const folder = await folderWith(t, RULES)
  const { port, stop, log, stderr } = await protect(t, folder, ['--upstream', 'http://127.0.0.1:1/mcp'])
  const answer = await fetch(`http://localhost:${port}/.well-known/oauth-protected-resource/mcp`)
  assert.equal(((await answer.json()) as { resource: string }).resource, 'http://localhost:9403/mcp')
  const refused = await fetch(`http://localhost:${port}/mcp`, { method: 'POST', body: '{}' })
  assert.equal(refused.status, 401)
  assert.equal(await stop(), 0)
  assert.equal(stderr(), '')
  assert.deepEqual(
    log.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['ready', 'stopping', 'stopped'],
  )
})

test('rules with faults start nothing, and every fault is told with its line', async (t) => {
  const folder = await folderWith(
    t,
    RULES.replace('issuer: http://localhost:9400', 'issuer: ftp://x').replace(
      '{ scopes: [docs:read] }',
      '{ scope: a }',
    ),
  )
  const { code, stderr } = await permitry(folder, ['protect', '--upstream', 'http://127.0.0.1:1/mcp'])
  assert.equal(code, 1)
  assert.equal(
    stderr,
    [
      'permitry: the file of rules has 2 faults, nothing was started',
      'rules.yaml:8:15: `scopes`: it is missing: write it',
      'rules.yaml:8:17: unknown key `scope`: known here are scopes, arguments, otherwise, when_never, acr, max_age',
      '',
    ].join('\n'),
  )
})

test('an address is needed for each MCP server, and the command line says it for one', async (t) => {
  const second = RULES.slice(RULES.indexOf('  - id')).replace('docs', 'wiki').replace('/mcp', '/wiki')
  const one = await folderWith(t, RULES)
  const two = await folderWith(t, RULES + second)
  for (const [folder, args, message] of [
    [one, [], 'nothing says where `docs` is: write `url` in the rules, or give --upstream'],
    [one, ['--upstream', 'ftp://x'], '`--upstream`: write a URL that begins with http:// or https://'],
    [one, ['--config', 'none.yaml'], 'the file of rules `none.yaml` does not exist: create it, or name another one'],
    [
      two,
      ['--upstream', 'http://127.0.0.1:1/mcp'],
      '`--upstream` says one address, and the rules name several MCP servers: write `url` for each',
    ],
  ] as const) {
    const { code, stderr } = await permitry(folder, ['protect', ...args])
    assert.deepEqual([code, stderr], [1, `permitry: ${message}\n`])
  }
})

test('a busy port is told with the variable that chooses another one', async (t) => {
  const folder = await folderWith(t, RULES)
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const port = String((server.address() as AddressInfo).port)
  const started = protect(t, folder, ['--upstream', 'http://127.0.0.1:1/mcp'], { PERMITRY_GATEWAY_PORT: port })
  await assert.rejects(started, /ended with 1: permitry: port \d+ of 127\.0\.0\.1 is busy.*PERMITRY_GATEWAY_PORT/)
})
