import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBoundedQueue } from './bounded-queue.ts'

test('two jobs run at once, the next waits for its turn, and one beyond the limit is turned away', async () => {
  const queue = createBoundedQueue({ running: 2, waiting: 1 })
  const started: string[] = []
  const gates = new Map<string, PromiseWithResolvers<string>>()
  const job = (name: string) => {
    const gate = Promise.withResolvers<string>()
    gates.set(name, gate)
    return queue.run(() => {
      started.push(name)
      return gate.promise
    })
  }

  const first = job('first')
  const second = job('second')
  const third = job('third')
  assert.equal(job('fourth'), undefined)
  await Promise.resolve()
  assert.deepEqual(started, ['first', 'second'])

  gates.get('first')?.resolve('done')
  assert.equal(await first, 'done')
  gates.get('third')?.resolve('done too')
  assert.equal(await third, 'done too')
  assert.deepEqual(started, ['first', 'second', 'third'])
  gates.get('second')?.resolve('done last')
  assert.equal(await second, 'done last')
})

test('a job that fails gives its place to the next one', async () => {
  const queue = createBoundedQueue({ running: 1, waiting: 1 })
  const failing = queue.run(() => Promise.reject(new Error('no')))
  const next = queue.run(() => Promise.resolve('yes'))
  assert.ok(failing && next)
  await assert.rejects(failing, /no/)
  assert.equal(await next, 'yes')
})
