import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dynamicTool, jsonSchema, streamText } from 'ai'
import { createEmbeddedModel } from './index.ts'
import { MORNING } from './testing/chat.ts'

const model = createEmbeddedModel({ clock: () => MORNING, zone: 'Europe/London' })
const inputSchema = jsonSchema({ type: 'object', properties: {} })

test('the AI SDK streams its text in pieces', async () => {
  const result = streamText({ model, messages: [{ role: 'user', content: 'hello' }] })
  const pieces: string[] = []
  for await (const piece of result.textStream) pieces.push(piece)
  assert.ok(pieces.length > 5)
  assert.match(pieces.join(''), /^Hello! I am the clinic’s built-in assistant/)
})

test('the AI SDK gets its calls as calls', async () => {
  const tools = { list_pets: dynamicTool({ description: '', inputSchema, execute: undefined as never }) }
  const result = streamText({ model, messages: [{ role: 'user', content: 'show my pets' }], tools })
  const [call] = await result.toolCalls
  assert.deepEqual([call?.toolName, call?.input, await result.finishReason], ['list_pets', {}, 'tool-calls'])
})

test('a tool that the clinic does not offer is not called', async () => {
  const result = streamText({ model, messages: [{ role: 'user', content: 'show my pets' }] })
  assert.match(await result.text, /does not offer me/)
})
