import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EpochWatch } from './epoch-watch.ts'

/** A tenant whose epoch the test raises, with the bell of this process and a count of the queries. */
function watched() {
  const bells = new Set<() => void>()
  const state = { epoch: 1, reads: 0, fails: false }
  const watch = new EpochWatch({
    read: () => {
      state.reads += 1
      return state.fails ? Promise.reject(new Error('the database is away')) : Promise.resolve(state.epoch)
    },
    subscribe: (look) => {
      bells.add(look)
      return () => void bells.delete(look)
    },
  })
  const ring = (): void => bells.forEach((look) => look())
  return { watch, state, ring, bells }
}

const never = new AbortController().signal

test('this process wakes who waits at once, and one query is for all of them', async () => {
  const { watch, state, ring, bells } = watched()
  const waiting = Array.from({ length: 100 }, () => watch.beyond(1, never))
  await Promise.resolve()
  const before = state.reads
  state.epoch = 2
  ring()
  await Promise.all(waiting)
  assert.ok(state.reads <= before + 2, `${state.reads - before} queries for a hundred who waited`)
  assert.equal(bells.size, 0, 'nobody listens when nobody waits')
})

test('a revocation by another process is seen without a bell, and nobody asks when nobody waits', async () => {
  const { watch, state } = watched()
  const waiting = watch.beyond(1, never)
  await new Promise((resolve) => setImmediate(resolve))
  state.epoch = 2
  const begun = Date.now()
  await waiting
  assert.ok(Date.now() - begun < 1_000)
  const { reads } = state
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(state.reads, reads)
})

test('what was raised between the read of who waits and the wait is seen at once', async () => {
  const { watch, state } = watched()
  const epoch = await watch.read()
  state.epoch += 1
  await watch.beyond(epoch, never)
})

test('a bell that rings during a look is not lost', async () => {
  const { watch, state, ring } = watched()
  const waiting = watch.beyond(1, never)
  // The look that began with the wait is under way and has read the old epoch.
  state.epoch = 2
  ring()
  const begun = Date.now()
  await waiting
  assert.ok(Date.now() - begun < 200)
})

test('who waits is let go by the signal, by others who have something to tell, and when the database is away', async () => {
  const { watch, state, ring } = watched()
  await watch.beyond(1, AbortSignal.abort())
  const controller = new AbortController()
  const aborted = watch.beyond(1, controller.signal)
  controller.abort()
  await aborted
  const told = watch.beyond(1, never)
  watch.wakeAll()
  await told
  const failed = watch.beyond(1, never)
  state.fails = true
  ring()
  await failed
})
