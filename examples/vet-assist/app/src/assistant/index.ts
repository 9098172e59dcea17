// The built-in assistant: an AI SDK language model that is none. It needs no network and no key, understands a fixed set of
// requests, and works out each answer from the prompt alone.
import { randomUUID } from 'node:crypto'
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { readTurns } from './dialogue/conversation.ts'
import { decide, type Move } from './dialogue/decide.ts'
import { type Classifier, train } from './language/classifier.ts'
import { readCorpus } from './language/corpus.ts'

export interface EmbeddedModelOptions {
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Where the clinic's clock hangs, such as `Europe/London`. */
  zone: string
}

let trained: Classifier | undefined

/**
 * Makes the embedded model. It proposes calls only of tools that it is given, at most one at a time, and only for what the person
 * asked for: text in results of tools is never read as a request. It does not decide what is allowed.
 */
export function createEmbeddedModel({ clock, zone }: EmbeddedModelOptions): LanguageModelV4 {
  // Here and not at the first question: training takes about as long as a person would wait without wondering.
  const classifier = (trained ??= train(readCorpus()))

  function answer({ prompt, tools = [] }: LanguageModelV4CallOptions): LanguageModelV4Content[] {
    const move = decide(readTurns(prompt), { classifier, clock: { now: clock(), zone } })
    return contentOf(
      move,
      tools.map(({ name }) => name),
    )
  }

  return {
    specificationVersion: 'v4',
    provider: 'vet-assist',
    modelId: 'built-in-assistant',
    supportedUrls: {},
    doGenerate: async (options) => {
      const content = answer(options)
      return { content, ...ended(content), warnings: [] }
    },
    doStream: async (options) => {
      options.abortSignal?.throwIfAborted()
      const content = answer(options)
      const parts: LanguageModelV4StreamPart[] = [
        { type: 'stream-start', warnings: [] },
        ...content.flatMap(streamed),
        { type: 'finish', ...ended(content) },
      ]
      return { stream: ReadableStream.from(parts) as ReadableStream<LanguageModelV4StreamPart> }
    },
  }
}

/** The move in the parts of the AI SDK. What the clinic's server does not offer to this token is not called. */
function contentOf(move: Move, tools: readonly string[]): LanguageModelV4Content[] {
  if ('reply' in move) return [{ type: 'text', text: move.reply.text }]
  const { tool, input, before } = move.call
  if (!tools.includes(tool))
    return [{ type: 'text', text: 'The clinic’s system does not offer me what I would need for this.' }]
  const call = { type: 'tool-call', toolCallId: randomUUID(), toolName: tool, input: JSON.stringify(input) } as const
  return before === undefined ? [call] : [{ type: 'text', text: before }, call]
}

function streamed(part: LanguageModelV4Content): LanguageModelV4StreamPart[] {
  if (part.type !== 'text') return part.type === 'tool-call' ? [part] : []
  const id = randomUUID()
  const words = part.text.match(/\S+\s*|\s+/g) ?? []
  return [
    { type: 'text-start', id },
    ...words.map((delta) => ({ type: 'text-delta', id, delta }) as const),
    { type: 'text-end', id },
  ]
}

function ended(
  content: readonly LanguageModelV4Content[],
): Pick<LanguageModelV4GenerateResult, 'finishReason' | 'usage'> {
  const unified = content.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'stop'
  const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined }
  return {
    finishReason: { unified, raw: undefined },
    usage: { inputTokens: none, outputTokens: { total: undefined, text: undefined, reasoning: undefined } },
  }
}
