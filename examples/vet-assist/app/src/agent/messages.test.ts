import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredItem, StoredTool } from '../conversation/stored.ts'
import { toModelMessages } from './messages.ts'

const call = (id: string, step: number, more: Partial<StoredTool>): StoredTool => ({
  kind: 'tool',
  id,
  at: 0,
  step,
  callId: id,
  tool: 'list_pets',
  title: 'List pets',
  writes: false,
  arguments: { name: 'Fido' },
  fields: [],
  state: 'allowed',
  output: { type: 'json', value: { pets: [] } },
  ...more,
})

test('text and calls of one answer are one message, and their results the next', () => {
  const items: StoredItem[] = [
    { kind: 'person', id: 'p', at: 0, text: 'Hello' },
    { kind: 'assistant', id: 'a', at: 0, text: 'I look.', step: 1, done: true },
    call('c1', 1, {}),
    call('c2', 1, { output: { type: 'execution-denied', reason: 'no' }, state: 'declined' }),
    { kind: 'notice', id: 'n', at: 0, text: 'Stopped.', retry: false },
    { kind: 'assistant', id: 'b', at: 0, text: 'None.', step: 2, done: true },
  ]
  const [person, first, results, second] = toModelMessages(items)
  assert.deepEqual(person, { role: 'user', content: 'Hello' })
  assert.deepEqual(first, {
    role: 'assistant',
    content: [
      { type: 'text', text: 'I look.' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'list_pets', input: { name: 'Fido' } },
      { type: 'tool-call', toolCallId: 'c2', toolName: 'list_pets', input: { name: 'Fido' } },
    ],
  })
  assert.equal(results?.role, 'tool')
  assert.equal(results?.content.length, 2)
  assert.deepEqual(second, { role: 'assistant', content: [{ type: 'text', text: 'None.' }] })
})

test('a model is not told what it said before it failed, and of an unknown end it is told that it is unknown', () => {
  const items: StoredItem[] = [
    { kind: 'person', id: 'p', at: 0, text: 'Hello' },
    { kind: 'assistant', id: 'a', at: 0, text: 'I lo', step: 1, done: true, broken: true },
    { ...call('c1', 2, { state: 'interrupted' }), output: undefined } as unknown as StoredItem,
  ]
  const text = JSON.stringify(toModelMessages(items))
  assert.ok(!text.includes('I lo'))
  assert.match(text, /nothing is known about it/)
})
