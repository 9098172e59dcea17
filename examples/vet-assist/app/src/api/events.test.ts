import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hono } from 'hono'
import type { ServerEvent, State } from '../wire.ts'
import { streamEvents } from './events.ts'

const STATE: State = {
  assistant: { kind: 'built-in', label: 'x' },
  emergencyPhone: '1',
  person: { name: 'Bob' },
  items: [],
  busy: false,
  messages: 0,
}

test('a page is told the state first, then each event in order, and that the conversation is over before the line ends', async () => {
  let tell: ((event: ServerEvent) => void) | undefined
  const listen = (_: string, listener: (event: ServerEvent) => void): (() => void) => {
    tell = listener
    return () => (tell = undefined)
  }
  const app = new Hono().get('/', (c) => streamEvents(c, { listen }, 'a', () => STATE, new AbortController().signal))
  const response = await app.request('/')
  tell?.({ type: 'busy', busy: true })
  tell?.({ type: 'messages', count: 1 })
  tell?.({ type: 'over' })
  const types = [...(await response.text()).matchAll(/^data: \{"type":"(\w+)"/gm)].map(([, type]) => type)
  assert.deepEqual(types, ['state', 'busy', 'messages', 'over'])
  assert.equal(tell, undefined, 'nobody listens any more')
})
