import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createConversations, type Conversations } from '../conversation/conversations.ts'
import type { StoredTool } from '../conversation/stored.ts'
import { openDatabase } from '../store/database.ts'
import { createKeys } from '../store/keys.ts'
import { recover } from './recover.ts'

function conversationWith(tool: Partial<StoredTool>): Conversations {
  const conversations = createConversations(openDatabase(':memory:'), createKeys(new Uint8Array(32)))
  conversations.put('c', { kind: 'person', id: 'p', at: 0, text: 'Book him in' })
  conversations.put('c', {
    kind: 'tool',
    id: 't',
    at: 0,
    step: 1,
    callId: 'x',
    tool: 'book_appointment',
    title: 'Book an appointment',
    writes: true,
    arguments: {},
    fields: [],
    state: 'running',
    ...tool,
  })
  recover(conversations, () => 1)
  return conversations
}

test('of a write that was under way nobody knows, and it is not repeated by itself', () => {
  const [, tool, notice] = conversationWith({}).items('c')
  assert.ok(tool?.kind === 'tool' && tool.state === 'interrupted')
  assert.match(tool.why ?? '', /I do not know whether it was/)
  assert.ok(notice?.kind === 'notice' && notice.retry)
})

test('a read that was under way is made again when the person wants it', () => {
  const [, tool, notice] = conversationWith({ writes: false }).items('c')
  assert.ok(tool?.kind === 'tool' && tool.state === 'ready')
  assert.ok(notice?.kind === 'notice' && notice.retry)
})

test('a card that waits goes on waiting, and nothing is said', () => {
  const items = conversationWith({ state: 'asks' }).items('c')
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['person', 'tool'],
  )
})

test('a second restart says it no second time', () => {
  const conversations = conversationWith({})
  recover(conversations, () => 2)
  assert.equal(conversations.items('c').filter(({ kind }) => kind === 'notice').length, 1)
})
