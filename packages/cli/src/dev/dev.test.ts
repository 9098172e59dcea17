import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { run } from '../run.ts'
import { ok } from '../testing.ts'
import { guardLines } from './guard-lines.ts'
import { isUnedited, proposeConfig } from './proposal.ts'

interface Tool {
  readonly name: string
  readonly title?: string
  readonly annotations?: object
}

/** An MCP server of the revision 2025-06-18, written out, so that what it says can be as odd as we like. */
async function mcpServer(t: TestContext, tools: () => readonly Tool[], name = 'Vet', token?: string): Promise<string> {
  return await listening(t, (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
        return void response.writeHead(401).end()
      if (request.method !== 'POST') return void response.writeHead(405).end()
      const { id, method } = JSON.parse(body) as { id?: number; method: string }
      const serverInfo = { name, version: '1' }
      const results: Record<string, unknown> = {
        initialize: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo },
        'tools/list': { tools: tools().map((tool) => ({ inputSchema: { type: 'object' }, ...tool })) },
      }
      if (id === undefined) return void response.writeHead(202).end()
      const result = results[method]
      const message = result ? { result } : { error: { code: -32601, message: 'no such method' } }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...message }))
    })
  })
}

async function listening(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => (server.close(), server.closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permitry-dev-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `permitry dev` until `work` is done with its issuer, or until it ends by itself. */
async function dev(
  folder: string,
  args: readonly string[],
  work: (issuer: string, printed: string) => Promise<void> = async () => {},
): Promise<Ended> {
  const [stdout, stderr, stop] = [new PassThrough(), new PassThrough(), Promise.withResolvers<void>()]
  const err = text(stderr)
  let out = ''
  const ready = Promise.withResolvers<string>()
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
    const issuer = /^Permitry runs at (\S+) /m.exec(out)?.[1]
    if (issuer !== undefined) ready.resolve(issuer)
  })
  const ended = run(['dev', ...args], {
    environment: { PERMITRY_PORT: '0', DATABASE_URL: 'postgres://127.0.0.1:1/of-somebody-else' },
    folder,
    stdin: Readable.from([]),
    stdout,
    stderr,
    stopRequested: () => stop.promise,
  })
  try {
    const issuer = await Promise.race([ready.promise, ended])
    if (typeof issuer === 'string') await work(issuer, out)
  } finally {
    stop.resolve()
  }
  const code = await ended
  stderr.end()
  return { code, out, err: await err }
}

const PETS: readonly Tool[] = [
  { name: 'list_pets', annotations: { readOnlyHint: true } },
  { name: 'update_pet' },
  { name: 'delete_pet' },
]

test('dev runs a server with one person for an MCP server whose tools it read, and says what to paste', async (t) => {
  const folder = await emptyFolder(t)
  const url = await mcpServer(t, () => PETS)
  const { code, err } = await dev(folder, ['--server', url], async (issuer, printed) => {
    const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as object
    assert.deepEqual((metadata as { protected_resources: string[] }).protected_resources, [url])
    assert.match(
      printed,
      /^Sign in as tester with the password (?:[a-z2-9]{5}-){2}[a-z2-9]{5} \(this is the only time/m,
    )
    assert.match(
      printed,
      /pet:read \(read\): list_pets\n {2}pet:write \(write\): update_pet\n {2}pet:delete \(destructive\)/,
    )
    assert.match(
      printed,
      new RegExp(`issuer: '${issuer}',\\n {2}resource: '${url}',\\n {2}defaultScopes: \\['pet:read'\\],`),
    )
    assert.match(printed, new RegExp(`claude mcp add --transport http vet ${url}`))
  })
  assert.deepEqual([code, err], [0, ''])
  assert.match(await readFile(join(folder, '.permitry-dev/serve.log'), 'utf8'), /"msg":"ready"/)
  assert.equal((await stat(join(folder, '.permitry-dev'))).mode & 0o777, 0o700)
  assert.equal(existsSync(join(folder, '.permitry')), false)
  // The proposal is an ordinary configuration.
  assert.match(await ok(folder, ['apply', '--yes', '--config', 'permitry.dev.yaml']), /^\+ server vet$/m)
})

test('the password is printed once and is not in the file; a lost file means a new one that works', async (t) => {
  const folder = await emptyFolder(t)
  const passwords: string[] = []
  const password = (printed: string) => / with the password (\S+) /.exec(printed)?.[1] ?? ''
  await dev(folder, [], async (_, printed) => void passwords.push(password(printed)))
  assert.ok(!(await readFile(join(folder, 'permitry.dev.yaml'), 'utf8')).includes(passwords[0] ?? ''))
  await dev(folder, [], async (_, printed) => {
    assert.ok(!printed.includes(passwords[0] ?? ''))
    assert.match(printed, /as tester, with the password that the first start printed/)
  })
  await rm(join(folder, 'permitry.dev.yaml'))
  await dev(folder, [], async (_, printed) => void passwords.push(password(printed)))
  assert.notEqual(passwords[1], passwords[0])
})

test('an unedited proposal follows the server, an edited one is left alone and what it misses is told', async (t) => {
  const folder = await emptyFolder(t)
  const file = join(folder, 'permitry.dev.yaml')
  let tools = PETS
  const url = await mcpServer(t, () => tools)
  await dev(folder, ['--server', url])
  tools = [...PETS, { name: 'list_owners' }]
  await dev(folder, ['--server', url], async (_, printed) => assert.match(printed, /owner:read \(read\): list_owners/))
  const edited = (await readFile(file, 'utf8')).replace('title: Read pet', 'title: See your pets')
  await writeFile(file, edited)
  tools = [...tools, { name: 'list_vets' }]
  await dev(folder, ['--server', url], async (_, printed) =>
    assert.match(printed, /^note: the file was edited and does not name these tools: list_vets$/m),
  )
  assert.equal(await readFile(file, 'utf8'), edited)
})

test('what was proposed stays good while the server is down', async (t) => {
  const folder = await emptyFolder(t)
  const file = join(folder, 'permitry.dev.yaml')
  const tools = PETS
  await dev(folder, ['--server', await mcpServer(t, () => tools)])
  const before = await readFile(file, 'utf8')
  const { code } = await dev(folder, ['--server', 'http://127.0.0.1:1/mcp'], async (_, printed) =>
    assert.match(
      printed,
      /^note: http:\/\/127\.0\.0\.1:1\/mcp does not answer: start it first.* \(ECONNREFUSED.*[^: ]\)$/m,
    ),
  )
  assert.equal(code, 0)
  assert.equal(await readFile(file, 'utf8'), before)
})

test('a second server comes to what was proposed for the first, and replaces nothing', async (t) => {
  const folder = await emptyFolder(t)
  const file = join(folder, 'permitry.dev.yaml')
  const [pets, docs] = [await mcpServer(t, () => PETS), await mcpServer(t, () => [{ name: 'search' }], 'Docs')]
  await dev(folder, ['--server', pets])
  await dev(folder, ['--server', docs])
  const both = await readFile(file, 'utf8')
  for (const known of [pets, docs, 'delete_pet', 'search']) assert.ok(both.includes(known), known)
  assert.ok(isUnedited(both))
  await dev(folder, ['--server', docs])
  assert.equal(await readFile(file, 'utf8'), both)
})

test('a server that wants a token already is looked at with one, which no other server gets to see', async (t) => {
  const folder = await emptyFolder(t)
  const file = join(folder, 'permitry.dev.yaml')
  const wanting = await mcpServer(t, () => PETS, 'Vet', 'of-the-tester')
  for (const [args, sentence] of [
    [[wanting], /give a token for it by --token/],
    [[wanting, '--token', 'another'], /does not take the token that it is shown/],
    [[wanting, await mcpServer(t, () => PETS), '--token', 'of-the-tester'], /a token is for one MCP server/],
  ] as const) {
    const { code, err } = await dev(folder, ['--server', ...args])
    assert.equal(code, 1)
    assert.match(err, sentence)
    assert.equal(existsSync(file), false)
  }
  await dev(folder, ['--server', wanting, '--token', 'of-the-tester'])
  const proposal = await readFile(file, 'utf8')
  assert.ok(proposal.includes('delete_pet'))
  assert.ok(!proposal.includes('of-the-tester'))
})

test('a server of which nothing can be seen ends dev with one sentence and leaves nothing behind', async (t) => {
  const folder = await emptyFolder(t)
  const challenge = (servers: readonly string[] | undefined): RequestListener => {
    return (request, response) => {
      if (!request.url?.startsWith('/.well-known/')) return void response.writeHead(401).end()
      if (servers === undefined) return void response.writeHead(404).end()
      response.end(JSON.stringify({ resource: 'https://mcp.example', authorization_servers: servers }))
    }
  }
  const cases: readonly (readonly [string, RegExp])[] = [
    ['http://127.0.0.1:1/mcp', /does not answer: start it first, and check host and port/],
    ['https://10.0.0.1/mcp', /is no address that dev connects to: use https on the public internet/],
    ['http://mcp.example/mcp', /is no address that dev connects to/],
    [await listening(t, (_, response) => response.writeHead(404).end()), /answers 404, but not as an MCP server/],
    [await listening(t, (_, response) => response.writeHead(302, { location: '/' }).end()), /sends to another address/],
    [await listening(t, challenge(undefined)), /answers 401 and has no metadata that says where to sign in/],
    [await listening(t, challenge(['https://other.example'])), /sends people to `https:\/\/other\.example` to sign in/],
    [await listening(t, challenge(['http://localhost:0'])), /sends people here to sign in already and names no scopes/],
  ]
  for (const [url, sentence] of cases) {
    const { code, out, err } = await dev(folder, ['--server', url])
    assert.deepEqual([code, out], [1, ''], url)
    assert.match(err, sentence)
    assert.equal(err.trimEnd().split('\n').length, 1, err)
    assert.equal(existsSync(join(folder, 'permitry.dev.yaml')), false)
  }
})

test('a server that is protected for dev already is taken with the scopes of its metadata', async (t) => {
  const folder = await emptyFolder(t)
  const metadata = {
    resource: 'x',
    authorization_servers: ['http://localhost:0'],
    scopes_supported: ['pets:read', 'pets:write'],
  }
  const url = await listening(t, (request, response) =>
    request.url?.startsWith('/.well-known/') ? response.end(JSON.stringify(metadata)) : response.writeHead(401).end(),
  )
  await dev(folder, ['--server', url], async (_, printed) =>
    assert.match(printed, /pets:read \(read\): no tool that was seen\n {2}pets:write \(write\)/),
  )
})

test('dev stays on this machine', async (t) => {
  const folder = await emptyFolder(t)
  await writeFile(join(folder, 'permitry.dev.yaml'), 'version: 1\nissuer: https://auth.example\n')
  const { code, err } = await dev(folder, [])
  assert.equal(code, 1)
  assert.match(
    err,
    /dev runs on this machine only, and the issuer in `permitry\.dev\.yaml` is `https:\/\/auth\.example`/,
  )
})

test('what a hostile server says of itself stays text in the file and in the lines for the guard', async (t) => {
  const folder = await emptyFolder(t)
  await writeFile(join(folder, 'secret.txt'), 'a secret of the operator')
  const name = "${file:secret.txt}'\n- evil: true # \u001b[2J"
  const tools: Tool[] = [
    { name: 'list_pets', title: "${file:secret.txt} ${HOME} ${'\n- x: 1" },
    { name: "x', y: process.exit() }) //" },
    { name: '${file:secret.txt}' },
  ]
  const url = await mcpServer(t, () => tools, name)
  const { code, out, err } = await dev(folder, ['--server', url], async (_, printed) => {
    assert.ok(!printed.includes('a secret of the operator'))
    assert.ok(!printed.includes('\u001b'))
    assert.match(printed, /^note: 2 tools of .* have names that MCP does not allow and were left out$/m)
  })
  assert.deepEqual([code, err], [0, ''], out)
})

test('a proposal knows that somebody changed it, wherever', () => {
  const proposal = proposeConfig([{ url: 'http://localhost:1/mcp', name: 'A', tools: PETS }], '$argon2id$x')
  assert.ok(isUnedited(proposal))
  assert.ok(!isUnedited(`${proposal}\n`))
  assert.ok(!isUnedited(proposal.replace('list_pets', 'list_cats')))
  assert.ok(!isUnedited('version: 1\n'))
})

test('two servers of one name get ids of their own', () => {
  const server = (url: string) => ({ url, name: 'Vet Assist!', tools: [] })
  const proposal = proposeConfig([server('http://localhost:1/mcp'), server('http://localhost:2/mcp')], '$argon2id$x')
  assert.deepEqual(
    [...proposal.matchAll(/^ {2}- id: (\S+)\n {4}identifier/gm)].map(([, id]) => id),
    ['vet-assist', 'vet-assist-2'],
  )
})

test('the lines for the guard are JavaScript whatever the names are', () => {
  const scopes = [
    { name: "a'b", title: '', description: '', risk: 'write' as const, implies: ['c'] },
    { name: 'c', title: '', description: '', risk: 'read' as const, implies: [] },
  ]
  const server = {
    id: 'x',
    identifier: 'mcp://x',
    name: 'X',
    urls: [],
    claims: [],
    dynamic_client_scopes: 'all' as const,
    default_scopes: ['c'],
    scopes,
    tools: [
      { name: 'pet.list', scopes: ["a'b"] },
      { name: 'both', scopes: ["a'b", 'c'] },
    ],
  }
  const lines = guardLines('https://auth.example', 'https://mcp.example/mcp', server)
  const body = /guard\((\{.*\n\})\)/s.exec(lines)?.[1] ?? ''
  // oxlint-disable-next-line no-implied-eval -- what a person pastes is code, so it is read as code
  assert.deepEqual((new Function(`return ${body}`) as () => unknown)(), {
    issuer: 'https://auth.example',
    resource: 'https://mcp.example/mcp',
    names: ['mcp://x'],
    defaultScopes: ['c'],
    scopes: { "a'b": { implies: ['c'] } },
    tools: { 'pet.list': "a'b", both: ["a'b", 'c'] },
  })
})
