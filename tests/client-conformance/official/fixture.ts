// The client that the official runner starts: a native app on @permitry/client, which uses everything that a server offers.
// It knows no scenario by name; what a scenario gives it, credentials or calls to make, comes by its context.
import { type Connection, type CommonOptions, type Outcome, type ToolCall } from '@permitry/client'
import { createNativeClient, nodeNetwork } from '@permitry/client/node'
import { ProtocolError, SdkError, SdkErrorCode, type Tool } from '@modelcontextprotocol/client'

interface Context {
  readonly client_id?: string
  readonly client_secret?: string
  readonly issuer?: string
  readonly toolCalls?: readonly ToolCall[]
}

const server = process.argv.at(-1) ?? ''
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Context
const isLegacy = process.env['PERMITRY_LEGACY_SERVERS'] === 'true'

/** The authorization server of the runner asks nobody: it redirects at once. */
async function follow(url: string): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual' })
  await fetch(answer.headers.get('location') ?? '')
}

const registrations: CommonOptions['registrations'] =
  context.issuer === undefined || context.client_id === undefined
    ? []
    : [
        {
          issuer: context.issuer,
          clientId: context.client_id,
          ...(context.client_secret === undefined ? {} : { clientSecret: context.client_secret }),
        },
      ]

const client = createNativeClient({
  name: 'Permitry conformance fixture',
  version: '0.1.0',
  network: nodeNetwork({ allowLoopback: true }),
  clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
  dynamicRegistration: true,
  registrations,
  legacyServers: isLegacy,
  openBrowser: follow,
  mcp: { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  onClient: (mcp) => mcp.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} })),
})

function done<T>(outcome: Outcome<T>): T {
  if (outcome.status === 'done') return outcome.result
  throw new Error(`not done: ${JSON.stringify(outcome)}`)
}

/** The least that a schema accepts. */
function argumentsFor({ inputSchema }: Tool): Record<string, unknown> {
  const least: Readonly<Record<string, unknown>> = { string: 'text', number: 5, integer: 3, boolean: true }
  return Object.fromEntries(
    (inputSchema.required ?? []).map((name) => {
      const property = inputSchema.properties?.[name] as { type?: string } | undefined
      return [name, least[property?.type ?? ''] ?? {}]
    }),
  )
}

/** Servers of the runner also answer calls wrongly on purpose: what the official client makes of that is no end of the story. */
function isAnswer(error: unknown): boolean {
  console.error(error)
  return ProtocolError.isInstance(error) || (SdkError.isInstance(error) && error.code === SdkErrorCode.InvalidResult)
}

async function useEverything(connection: Connection): Promise<void> {
  const { mcp } = connection
  const offers = mcp.getServerCapabilities() ?? {}
  const { tools } = done(await connection.run(() => mcp.listTools()))
  const calls = context.toolCalls ?? tools.map((tool) => ({ name: tool.name, arguments: argumentsFor(tool) }))
  for (const called of await Promise.allSettled(calls.map((call) => connection.callTool(call)))) {
    if (called.status === 'fulfilled') done(called.value)
    else if (!isAnswer(called.reason)) throw called.reason
  }
  if (offers.resources !== undefined) {
    const { resources } = done(await connection.run(() => mcp.listResources()))
    for (const { uri } of resources) done(await connection.run(() => mcp.readResource({ uri })))
  }
  if (offers.prompts !== undefined) {
    const { prompts } = done(await connection.run(() => mcp.listPrompts()))
    for (const { name } of prompts) done(await connection.run(() => mcp.getPrompt({ name })))
  }
}

const connection = done(await client.connect({ server }))
await useEverything(connection)
await connection.close()
