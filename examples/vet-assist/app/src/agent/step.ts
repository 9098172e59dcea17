// One answer of the model: text as it comes, and the calls that it proposes. Nothing is called here.
import { dynamicTool, jsonSchema, type ModelMessage, streamText, type ToolSet } from 'ai'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { ClinicTool } from '../clinic/clinic.ts'

export interface Question {
  model: LanguageModelV4
  instructions: string
  messages: ModelMessage[]
  tools: readonly ClinicTool[]
  signal: AbortSignal
  onText: (delta: string) => void
}

/** A call that the model wants; `fault` when it could not be read as one. */
export interface Proposal {
  callId: string
  tool: string
  arguments: Record<string, unknown>
  fault?: string
}

/** A model that says nothing for so long has failed. */
const SILENCE_MS = 60_000
const MOST_CALLS = 6
/** Far more than an answer to a pet owner is long, with room for thoughts that some models have before it. */
const MOST_TOKENS = 8_000

/** Asks once. Throws when the model fails, also in the middle of an answer. */
export async function askModel(question: Question): Promise<Proposal[]> {
  const { model, instructions, messages, signal } = question
  const result = streamText({
    model,
    instructions,
    messages,
    tools: toToolSet(question.tools),
    abortSignal: signal,
    maxRetries: 1,
    // Said, because a provider that does not know the model would guess.
    maxOutputTokens: MOST_TOKENS,
    timeout: { chunkMs: SILENCE_MS },
    // Told by the stream as well, and logged by the caller.
    onError: () => {},
  })
  const proposals: Proposal[] = []
  for await (const part of result.stream) {
    if (part.type === 'text-delta') question.onText(part.text)
    if (part.type === 'tool-call')
      proposals.push(toProposal(part.toolCallId, part.toolName, part.input, 'invalid' in part && part.invalid === true))
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw new Error('the model was stopped')
  }
  return proposals.slice(0, MOST_CALLS)
}

/** Without `execute`, so that the AI SDK calls nothing: calls go through the cards and the person's own connection. */
function toToolSet(tools: readonly ClinicTool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      name,
      dynamicTool({ description, inputSchema: jsonSchema(inputSchema) } as Parameters<typeof dynamicTool>[0]),
    ]),
  )
}

function toProposal(callId: string, tool: string, input: unknown, invalid: boolean): Proposal {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
  const args = isObject ? (input as Record<string, unknown>) : {}
  const fault = invalid || !isObject ? 'the model’s call could not be read' : undefined
  return { callId, tool, arguments: args, ...(fault !== undefined && { fault }) }
}
