// Owns the prompt as turns: what the person wrote, and the calls that were made for it. The model keeps nothing between two
// prompts, so everything it knows of a conversation is read here.
import type { LanguageModelV4Prompt, LanguageModelV4ToolResultPart } from '@ai-sdk/provider'

export type Fields = Readonly<Record<string, unknown>>

/** What became of a call, from its result. */
export type Outcome =
  | { status: 'done'; value: Fields }
  /** The tool, the guard or the app said why not. */
  | { status: 'failed'; text: string }
  /** The person said no, or went on with something else. */
  | { status: 'declined'; text: string }

export interface Call {
  tool: string
  input: Fields
  outcome: Outcome
}

export interface Turn {
  text: string
  calls: Call[]
}

/** Calls without a result are left out: nothing is known of them. Text of the assistant says nothing that is not known already. */
export function readTurns(prompt: LanguageModelV4Prompt): Turn[] {
  const turns: Turn[] = []
  const inputs = new Map<string, Fields>()
  for (const message of prompt) {
    if (message.role === 'user')
      turns.push({
        text: message.content
          .map((part) => (part.type === 'text' ? part.text : ''))
          .join('\n')
          .trim(),
        calls: [],
      })
    if (message.role === 'assistant')
      for (const part of message.content)
        if (part.type === 'tool-call') inputs.set(part.toolCallId, fieldsOf(part.input))
    if (message.role === 'tool')
      for (const part of message.content)
        if (part.type === 'tool-result')
          turns
            .at(-1)
            ?.calls.push({ tool: part.toolName, input: inputs.get(part.toolCallId) ?? {}, outcome: outcomeOf(part) })
  }
  return turns
}

function outcomeOf({ output }: LanguageModelV4ToolResultPart): Outcome {
  switch (output.type) {
    case 'json':
      return { status: 'done', value: fieldsOf(output.value) }
    case 'execution-denied':
      return { status: 'declined', text: output.reason ?? '' }
    case 'error-text':
    case 'text':
      return { status: 'failed', text: output.value }
    case 'error-json':
      return { status: 'failed', text: JSON.stringify(output.value) }
    case 'content':
      return { status: 'failed', text: output.value.map((part) => (part.type === 'text' ? part.text : '')).join('\n') }
  }
}

/** An object as fields; anything else has none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** A text of a result; what is no text is empty, because results come from a server that may be any. */
export function textIn(fields: Fields, key: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}

/** The entries of a list in a result that have all of these texts. */
export function rowsIn<Key extends string>(
  fields: Fields,
  list: string,
  keys: readonly Key[],
): (Fields & Record<Key, string>)[] {
  const rows = fields[list]
  if (!Array.isArray(rows)) return []
  return rows
    .map(fieldsOf)
    .filter((row): row is Fields & Record<Key, string> => keys.every((key) => typeof row[key] === 'string'))
}
