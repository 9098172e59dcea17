// `npm run gateway:real`: the gateway in front of MCP servers from npm that we did not write. Each is listed, called, and has
// a tool that needs more consent and one that is hidden.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listen } from '@permitry/testkit'
import { startIssuer } from '../conformance/mcp-issuer.ts'
import { EVERYTHING, type Program, startForeign } from './foreign-server.ts'
import { connectClient, startGateway } from './start-gateway.ts'

interface Case {
  readonly program: Program
  /** A tool that is called, with arguments and what comes of it. */
  readonly call: readonly [name: string, args: Record<string, unknown>, result: RegExp]
  /** Arguments that the server's own schema refuses. */
  readonly bad: Record<string, unknown>
  readonly challenged: string
  readonly hidden: string
  /** It answers the question of clients for its era with 500, behind the gateway or not. */
  readonly onlyLegacy?: true
}

/** In the place of the service that draws the charts, which is in another network. */
const drawing = await listen()
drawing.serve(() => Response.json({ success: true, resultObj: 'https://charts.example/1.png' }))

const CASES: readonly Case[] = [
  {
    program: EVERYTHING,
    call: ['echo', { message: 'hello' }, /Echo: hello/],
    bad: { message: 1 },
    challenged: 'get-sum',
    hidden: 'get-env',
  },
  {
    program: {
      name: '@antv/mcp-server-chart',
      entry: 'build/index.js',
      args: (port) => ['-t', 'streamable', '-h', '127.0.0.1', '-p', String(port)],
      environment: () => ({ VIS_REQUEST_SERVER: drawing.origin }),
    },
    call: ['generate_pie_chart', { data: [{ category: 'dogs', value: 2 }] }, /charts\.example\/1\.png/],
    bad: { data: 'dogs' },
    challenged: 'generate_bar_chart',
    hidden: 'generate_mind_map',
  },
  {
    program: {
      name: '@cyanheads/git-mcp-server',
      entry: 'dist/index.js',
      args: () => [],
      environment: (port) => ({
        MCP_TRANSPORT_TYPE: 'http',
        MCP_HTTP_HOST: '127.0.0.1',
        MCP_HTTP_PORT: String(port),
        MCP_LOG_LEVEL: 'error',
      }),
    },
    call: ['git_status', {}, /No session working directory set/],
    bad: { path: 1 },
    challenged: 'git_commit',
    hidden: 'git_push',
    onlyLegacy: true,
  },
]

test.after(() => drawing.close())

for (const { program, call, bad, challenged, hidden, onlyLegacy } of CASES)
  test(`${program.name}: lists, calls, asks for more and hides behind the gateway`, async (t) => {
    await using foreign = await startForeign(program)
    await using gateway = await startGateway()
    await using issuer = await startIssuer(() => gateway.url)
    const [name, args, expected] = call
    gateway.serve(issuer.issuer, {
      url: foreign.url,
      default_scopes: ['use'],
      tools: { [name]: { scopes: ['use'] }, [challenged]: { scopes: ['more'] }, [hidden]: { scopes: ['never'] } },
    })
    const token = await issuer.token({ scope: 'use', entitlements: ['use', 'more'] })
    const client = await connectClient(gateway.url, token, onlyLegacy && 'legacy')
    t.after(() => client.close())

    const { tools } = await client.listTools()
    assert.deepEqual(tools.map((tool) => tool.name).toSorted(), [name, challenged].toSorted())
    assert.match(JSON.stringify(await client.callTool({ name, arguments: args })), expected)
    assert.match(
      JSON.stringify(await client.callTool({ name, arguments: bad })),
      /Refused: the arguments are not valid/,
    )
    await assert.rejects(client.callTool({ name: hidden, arguments: {} }), new RegExp(`Tool ${hidden} not found`))
    await assert.rejects(client.callTool({ name: challenged, arguments: {} }), /insufficient_scope|[Ss]cope/)
    assert.deepEqual(gateway.errors, [])
  })
