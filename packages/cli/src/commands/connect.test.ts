import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLIENT_IDS, type ClientId, linesFor, type Step } from '@permitry/server'
import { CONFIG, makeFolder, ok, permitry } from '../testing.ts'

const URL_HERE = 'http://localhost:9401/mcp'
const URL_THERE = 'https://mcp.vet.example/mcp'

const stepsOf = (client: ClientId, url: string): readonly Step[] =>
  linesFor({ name: 'vet', url }, client).flatMap(({ steps }) => steps)
const commandOf = (client: ClientId, url = URL_HERE): string | undefined =>
  stepsOf(client, url).find(({ kind }) => kind === 'run')?.text
const fileOf = (client: ClientId, url = URL_HERE): [name: string, text: string] => {
  const step = stepsOf(client, url).find(({ kind }) => kind === 'file')
  assert.ok(step?.kind === 'file')
  return [step.file, step.text]
}

/** What a client's documentation says the file looks like; docs/reference/connect.md names the pages. */
const FILES: readonly [ClientId, file: string, content: unknown][] = [
  ['vscode', '.vscode/mcp.json', { servers: { vet: { type: 'http', url: URL_HERE } } }],
  ['cursor', '.cursor/mcp.json', { mcpServers: { vet: { url: URL_HERE } } }],
  ['gemini-cli', '.gemini/settings.json', { mcpServers: { vet: { httpUrl: URL_HERE } } }],
  [
    'claude',
    'claude_desktop_config.json',
    { mcpServers: { vet: { command: 'npx', args: ['-y', 'mcp-remote', URL_HERE] } } },
  ],
]
for (const [client, name, content] of FILES)
  test(`the file for ${client} has the members that its documentation names`, () => {
    const [file, text] = fileOf(client)
    assert.equal(file, name)
    assert.deepEqual(JSON.parse(text), content)
  })

test('the file for codex is a table of TOML', () =>
  assert.deepEqual(fileOf('codex'), ['~/.codex/config.toml', `[mcp_servers.vet]\nurl = "${URL_HERE}"`]))

const COMMANDS: readonly [ClientId, command: string][] = [
  ['claude-code', `claude mcp add --transport http vet ${URL_HERE}`],
  ['vscode', `code --add-mcp '{"name":"vet","type":"http","url":"${URL_HERE}"}'`],
  ['codex', 'codex mcp login vet'],
  ['gemini-cli', `gemini mcp add --transport http vet ${URL_HERE}`],
  ['inspector', `npx @modelcontextprotocol/inspector --server-url ${URL_HERE} --transport http`],
]
for (const [client, command] of COMMANDS)
  test(`the command for ${client} is the one of its documentation`, () => assert.equal(commandOf(client), command))

test('Claude gets a connector where it can reach the server, and a bridge on this machine where it cannot', () => {
  assert.deepEqual(stepsOf('claude', URL_THERE), [
    { kind: 'do', text: `Settings → Connectors → Add custom connector: name vet, URL ${URL_THERE}` },
  ])
  assert.equal(fileOf('claude', URL_HERE)[0], 'claude_desktop_config.json')
})

test('no name and no address gets out of its place in a shell or a file', () => {
  const url = `https://mcp.example/a'b"c;$(d)&e`
  const name = 'a.b"]\nc'
  for (const { client, steps } of linesFor({ name, url }))
    for (const step of steps) {
      if (step.kind === 'run' && step.text.includes('mcp.example')) assert.match(step.text, /'[^']*'\\''[^']*'/, client)
      if (step.kind === 'file' && step.file.endsWith('.json')) JSON.parse(step.text)
      if (step.kind === 'file') assert.ok(step.text.includes('a-b---c'), client)
    }
})

test('connect finds a server by its id or any of its names, and prints its URL', async (t) => {
  const config = CONFIG.replace('name: VetAssist\n', `name: VetAssist\n    urls: ['${URL_HERE}', '${URL_THERE}']\n`)
  const folder = await makeFolder(t, config)
  await ok(folder, ['apply', '--yes'])
  const told = await ok(folder, ['connect', 'vetassist'])
  for (const title of ['Claude Code', 'VS Code', 'Cursor', 'Codex', 'Gemini CLI', 'MCP Inspector'])
    assert.match(told, new RegExp(`^${title}`, 'm'))
  const one = async (named: string) =>
    JSON.parse(await ok(folder, ['connect', named, '--client', 'cursor', '--json'])) as {
      server: string
      url: string
      clients: { client: string }[]
    }
  for (const [named, url] of [
    ['mcp://vetassist', URL_HERE],
    ['HTTP://LOCALHOST:9401/mcp', URL_HERE],
    [URL_THERE, URL_THERE],
  ] as const) {
    const found = await one(named)
    assert.deepEqual(
      [found.server, found.url, found.clients.map(({ client }) => client)],
      ['vetassist', url, ['cursor']],
    )
  }
  const unknown = await permitry(folder, ['connect', 'https://mcp.example/other'])
  assert.equal(unknown.code, 1)
  assert.match(
    unknown.stderr,
    /no MCP server is registered as `https:\/\/mcp\.example\/other`: registered are vetassist/,
  )
  assert.equal((await permitry(folder, ['connect', 'vetassist', '--client', 'netscape'])).code, 2)
  assert.ok(CLIENT_IDS.length >= 7)
})

test('connect says when a server has no URL that a client could call', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const { code, stderr } = await permitry(folder, ['connect', 'vetassist'])
  assert.equal(code, 1)
  assert.match(stderr, /`vetassist` has no URL: write one under `urls` in permitry\.yaml/)
})
