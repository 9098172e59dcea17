import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredAccess, StoredItem, StoredTool } from '../conversation/stored.ts'
import { nextOf } from './next.ts'

const entry = { at: 0 }
const person: StoredItem = { ...entry, kind: 'person', id: 'p', text: 'Book him in' }
const answer = (step: number, more: object = {}): StoredItem => ({
  ...entry,
  kind: 'assistant',
  id: `a${step}`,
  text: 'Yes.',
  step,
  done: true,
  ...more,
})
const tool = (step: number, state: StoredTool['state']): StoredTool => ({
  ...entry,
  kind: 'tool',
  id: `t${step}`,
  step,
  callId: `c${step}`,
  tool: 'list_pets',
  title: 'List pets',
  writes: false,
  arguments: {},
  fields: [],
  state,
})
const access = (state: StoredAccess['state']): StoredAccess => ({
  ...entry,
  kind: 'access',
  id: 'x',
  reason: 'more',
  asked: [],
  offered: [],
  leftOut: [],
  before: [],
  state,
})

test('a question is given to the model, and what it answers ends the turn', () => {
  assert.deepEqual(nextOf([person]), { do: 'ask-model', step: 1 })
  assert.deepEqual(nextOf([person, answer(1)]), { do: 'stop', because: 'answered' })
  assert.deepEqual(nextOf([person, answer(1), person]), { do: 'ask-model', step: 2 })
})

test('an answer that broke off is no answer', () => {
  assert.deepEqual(nextOf([person, answer(1, { broken: true })]), { do: 'ask-model', step: 2 })
})

test('what is ready is called, and its result goes to the model', () => {
  const ready = tool(1, 'ready')
  assert.deepEqual(nextOf([person, answer(1), ready]), { do: 'call', item: ready })
  for (const state of ['allowed', 'refused', 'failed', 'declined', 'interrupted'] as const)
    assert.deepEqual(nextOf([person, tool(1, state)]), { do: 'ask-model', step: 2 }, state)
})

test('a card that waits for the person stops the model, and other calls only while a permission is asked for', () => {
  for (const state of ['needs-access', 'running'] as const)
    assert.deepEqual(nextOf([person, tool(1, state), tool(1, 'ready')]), { do: 'wait' }, state)
  const ready = tool(1, 'ready')
  assert.deepEqual(nextOf([person, tool(1, 'asks'), ready]), { do: 'call', item: ready })
  assert.deepEqual(nextOf([person, tool(1, 'asks'), tool(1, 'allowed')]), { do: 'wait' })
  assert.deepEqual(nextOf([person, access('offered')]), { do: 'wait' })
  assert.deepEqual(nextOf([person, access('granted')]), { do: 'ask-model', step: 1 })
})

test('cards of an earlier question do not stop a new one', () => {
  assert.deepEqual(nextOf([person, tool(1, 'asks'), person]), { do: 'ask-model', step: 2 })
})

test('a model that calls without end is stopped', () => {
  const calls = Array.from({ length: 10 }, (_, index) => tool(index + 1, 'allowed'))
  assert.deepEqual(nextOf([person, ...calls]), { do: 'stop', because: 'too-many-steps' })
})
