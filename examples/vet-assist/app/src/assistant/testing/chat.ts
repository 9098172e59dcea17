// A conversation for tests: the embedded model before the clinic's real MCP server, with the loop that the app has around it.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type {
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider'
import { createVetAssist } from '@vet-assist/mcp-server'
import { ISSUER } from '../../../../mcp-server/src/testing/clinic.ts'
import { CLAIMS, createTestIssuer, URL_OF_SERVER } from '../../../../mcp-server/src/testing/issuer.ts'
import { createEmbeddedModel } from '../index.ts'

export interface Made {
  tool: string
  input: Record<string, unknown>
  writes: boolean
}

export interface Chat {
  /** Says something and gives the last text of the answer. `confirm` is the person's answer to a card. */
  say: (text: string, options?: { confirm?: boolean }) => Promise<string>
  /** All calls that the model proposed, in order. */
  calls: Made[]
  /** Every text of the assistant, in order. */
  texts: string[]
  /** What the tools gave can be changed here, as an attacker would who writes into the clinic's data. */
  tamper: (change: (tool: string, output: LanguageModelV4ToolResultOutput) => LanguageModelV4ToolResultOutput) => void
  call: (tool: string, input: Record<string, unknown>) => Promise<LanguageModelV4ToolResultOutput>
  close: () => Promise<void>
}

/** A Tuesday, 09:30. */
export const MORNING = Date.parse('2026-11-24T09:30:00Z')
const MOST_STEPS = 10

export async function openChat(options: { person?: keyof typeof CLAIMS; now?: number } = {}): Promise<Chat> {
  const clock = (): number => options.now ?? MORNING
  const issuer = await createTestIssuer(clock)
  const server = createVetAssist({
    issuer: ISSUER,
    url: URL_OF_SERVER,
    dataFile: ':memory:',
    clock,
    fetch: issuer.fetch,
    onFault: ({ error }) => {
      throw error
    },
  })
  const token = await issuer.token(CLAIMS[options.person ?? 'bob'])
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(URL_OF_SERVER), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
      fetch: (input, init) => server.fetch(new Request(input, init)),
    }),
  )
  const { tools } = await client.listTools()
  const model = createEmbeddedModel({ clock, zone: 'Europe/London' })
  const prompt: LanguageModelV4Prompt = [{ role: 'system', content: 'You are Vet Assist AI.' }]
  const calls: Made[] = []
  const texts: string[] = []
  let change: Parameters<Chat['tamper']>[0] = (_, output) => output

  async function call(tool: string, input: Record<string, unknown>): Promise<LanguageModelV4ToolResultOutput> {
    const result = await client.callTool({ name: tool, arguments: input })
    if (result.isError !== true) return { type: 'json', value: result.structuredContent as never }
    return {
      type: 'error-text',
      value: result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n'),
    }
  }

  async function step(confirm: boolean): Promise<string | undefined> {
    const { content } = await model.doGenerate({
      prompt,
      tools: tools.map(({ name, description = '', inputSchema }) => ({
        type: 'function',
        name,
        description,
        inputSchema: inputSchema as never,
      })),
    })
    const answer = content.flatMap(
      (part): (LanguageModelV4TextPart | (LanguageModelV4ToolCallPart & { input: Record<string, unknown> }))[] => {
        if (part.type === 'text') return [part]
        return part.type === 'tool-call' ? [{ ...part, input: JSON.parse(part.input) as Record<string, unknown> }] : []
      },
    )
    prompt.push({ role: 'assistant', content: answer })
    const said = answer.find((part) => part.type === 'text')?.text
    if (said !== undefined) texts.push(said)
    const wanted = answer.find((part) => part.type === 'tool-call')
    if (wanted === undefined) return said ?? ''
    const { toolName, toolCallId, input } = wanted
    const writes = tools.find(({ name }) => name === toolName)?.annotations?.readOnlyHint !== true
    calls.push({ tool: toolName, input, writes })
    const output: LanguageModelV4ToolResultOutput =
      writes && !confirm
        ? { type: 'execution-denied', reason: 'You said no, so nothing was done.' }
        : change(toolName, await call(toolName, input))
    prompt.push({ role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] })
    return undefined
  }

  return {
    calls,
    texts,
    call,
    tamper: (next) => {
      change = next
    },
    async say(text, { confirm = true } = {}) {
      prompt.push({ role: 'user', content: [{ type: 'text', text }] })
      for (let steps = 0; steps < MOST_STEPS; steps++) {
        const said = await step(confirm)
        if (said !== undefined) return said
      }
      throw new Error(`no answer to \`${text}\` after ${MOST_STEPS} steps`)
    },
    async close() {
      await client.close()
      await server.close()
    },
  }
}
