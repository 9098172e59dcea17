// What a model is told of a conversation: the messages of the AI SDK, made of the items each time anew.
import type { ModelMessage, ToolCallPart, ToolResultPart } from 'ai'
import type { StoredItem, StoredTool } from '../conversation/stored.ts'
import { isSettled } from './next.ts'

/** Cards that the person sees and the model does not are left out; calls of one answer become one message. */
export function toModelMessages(items: readonly StoredItem[]): ModelMessage[] {
  const messages: ModelMessage[] = []
  const steps = new Set<number>()
  for (const item of items) {
    if (item.kind === 'person') messages.push({ role: 'user', content: item.text })
    if (!('step' in item) || steps.has(item.step)) continue
    steps.add(item.step)
    messages.push(...messagesOfStep(items.filter((other) => 'step' in other && other.step === item.step)))
  }
  return messages
}

function messagesOfStep(items: readonly StoredItem[]): ModelMessage[] {
  const texts = items.flatMap((item) =>
    item.kind === 'assistant' && item.text !== '' && item.broken !== true
      ? [{ type: 'text' as const, text: item.text }]
      : [],
  )
  const tools = items.filter((item): item is StoredTool => item.kind === 'tool' && isSettled(item))
  const content = [...texts, ...tools.map(toCall)]
  if (content.length === 0) return []
  const assistant: ModelMessage = { role: 'assistant', content }
  return tools.length === 0 ? [assistant] : [assistant, { role: 'tool', content: tools.map(toResult) }]
}

function toCall(item: StoredTool): ToolCallPart {
  return { type: 'tool-call', toolCallId: item.callId, toolName: item.tool, input: item.arguments }
}

function toResult(item: StoredTool): ToolResultPart {
  const output = item.output ?? {
    type: 'error-text',
    value: 'the call did not come to an end; nothing is known about it',
  }
  return { type: 'tool-result', toolCallId: item.callId, toolName: item.tool, output }
}
